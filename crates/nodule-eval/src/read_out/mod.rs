//! Read-outs: ways to turn an embedding into a decision, the same for every loss.
//!
//! A loss on embeddings alone has no classifier, so a comparison of losses that reads each one out
//! in its own way compares read-outs too. Crossing them is *ours*.

mod centroid;
mod knn;
mod probe;

use std::fmt;
use std::str::FromStr;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{finite, same_length};
use crate::normalise::normalise;
use centroid::Centroid;
use knn::Knn;
use probe::Probe;

/// A way to decide. Serialised and spelled as its lower-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadOut {
    /// The network's own logit margin.
    Head,
    /// The nearer of the two class centroids on the unit sphere.
    Centroid,
    /// Logistic regression on the normalised embedding.
    Probe,
    /// The majority of the nearest training embeddings.
    Knn,
}

impl ReadOut {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 4] = [Self::Head, Self::Centroid, Self::Probe, Self::Knn];

    fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Centroid => "centroid",
            Self::Probe => "probe",
            Self::Knn => "knn",
        }
    }
}

impl fmt::Display for ReadOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ReadOut {
    type Err = Error;

    fn from_str(value: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|r| r.name() == value);
        found.ok_or_else(|| Error::Name {
            field: "read-out",
            value: value.to_owned(),
            allowed: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// A read-out fitted on training embeddings.
#[derive(Debug, Clone)]
pub struct FittedReadOut(Fitted);

#[derive(Debug, Clone)]
enum Fitted {
    Head,
    Centroid(Centroid),
    Probe(Probe),
    Knn(Knn),
}

/// A decision that is linear on the unit sphere: `weights . z + offset` for an embedding z of norm 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// One a dimension of the embedding.
    pub weights: Vec<f32>,
    /// The decision value at the origin.
    pub offset: f32,
}

/// Fits `read_out` on training `embeddings` `[n, d]`, as the network gives them, and their
/// `labels` `[n]` (0 normal, 1 abnormal). The head needs no fit.
///
/// # Errors
/// If the lengths differ, a value is not finite, or a class is missing.
pub fn fit(
    read_out: ReadOut,
    embeddings: ArrayView2<f32>,
    labels: &[u8],
) -> Result<FittedReadOut, Error> {
    same_length("labels", labels.len(), embeddings.nrows())?;
    if let Some(values) = embeddings.as_slice() {
        finite("training embeddings", values)?;
    }
    for (class, name) in [(0, "normal"), (1, "abnormal")] {
        if !labels.contains(&class) {
            return Err(Error::Input {
                what: "training labels",
                found: format!("no {name} image"),
                needed: "a read-out is fitted on both classes".into(),
            });
        }
    }
    Ok(FittedReadOut(match read_out {
        ReadOut::Head => Fitted::Head,
        ReadOut::Centroid => Fitted::Centroid(Centroid::fit(&normalise(embeddings), labels)),
        ReadOut::Probe => Fitted::Probe(Probe::fit(&normalise(embeddings), labels)),
        ReadOut::Knn => Fitted::Knn(Knn::fit(normalise(embeddings), labels)),
    }))
}

impl FittedReadOut {
    /// The decision as a plane, so that it can be differentiated; none for the head, which needs
    /// none, and for k-NN, which has no derivative.
    #[must_use]
    pub fn plane(&self) -> Option<Plane> {
        match &self.0 {
            Fitted::Centroid(fitted) => Some(fitted.plane()),
            Fitted::Probe(fitted) => Some(fitted.plane()),
            Fitted::Head | Fitted::Knn(_) => None,
        }
    }

    /// Decision values `[n]` of `embeddings` `[n, d]` and `logits` `[n, 2]`: larger is more
    /// abnormal, and above 0 is decided as abnormal.
    ///
    /// # Errors
    /// If the numbers of rows differ or a value is not finite.
    pub fn scores(
        &self,
        embeddings: ArrayView2<f32>,
        logits: ArrayView2<f32>,
    ) -> Result<Vec<f32>, Error> {
        same_length("logits", logits.nrows(), embeddings.nrows())?;
        let scores = match &self.0 {
            Fitted::Head => logits.rows().into_iter().map(|l| l[1] - l[0]).collect(),
            Fitted::Centroid(fitted) => fitted.scores(&normalise(embeddings)),
            Fitted::Probe(fitted) => fitted.scores(&normalise(embeddings)),
            Fitted::Knn(fitted) => fitted.scores(&normalise(embeddings)),
        };
        finite("scores", &scores)?;
        Ok(scores)
    }
}
