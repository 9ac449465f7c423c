//! Read-outs: classifiers on the embedding (nearest centroid, linear probe, k-NN), and the network's own head.
//!
//! A loss on embeddings trains no head, so losses are compared under classifiers that all of them share (*ours*).

mod centroid;
mod fitted;
mod knn;
mod probe;

use std::sync::Arc;

use ndarray::ArrayView2;
use nodule_error::{conflict, invalid_value, one_of};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantNames};

use crate::Error;
use crate::check::{check_binary, check_finite_non_empty, check_length};
use crate::embedding::l2_normalise;
use fitted::Classifier;

pub use fitted::{FittedReadOut, Hyperplane, LinearDecision};

/// A classifier on the embedding, or the network's own head. Displayed, parsed and serialised as its lower-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(Display, EnumCount, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", parse_err_ty = Error, parse_err_fn = unknown_read_out)]
#[non_exhaustive]
pub enum ReadOut {
    /// The network's own head: its logit margin.
    Head,
    /// Nearest class centroid on the unit sphere.
    Centroid,
    /// Linear probe: logistic regression on the normalised embedding.
    Probe,
    /// Majority of the nearest training embeddings (k-NN).
    Knn,
}

fn unknown_read_out(name: &str) -> Error {
    invalid_value("read-out", name, one_of(ReadOut::VARIANTS))
        .suggest_value(ReadOut::VARIANTS)
        .into()
}

impl ReadOut {
    /// All read-outs, in the order of the tables.
    pub const ALL: [Self; Self::COUNT] = [Self::Head, Self::Centroid, Self::Probe, Self::Knn];

    /// The name in tables and files, such as `centroid`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns whether it uses the network's logits, and so requires a network with a trained head.
    #[must_use]
    pub fn needs_head(self) -> bool {
        self == Self::Head
    }

    /// Returns whether its decision is differentiable with respect to the embedding or logits, that is, whether
    /// [`FittedReadOut::linear`] returns a value.
    #[must_use]
    pub fn has_derivative(self) -> bool {
        self != Self::Knn
    }

    /// Fits the classifier to training `embeddings` `[n, d]`, as the network returns them, and `labels` `[n]` (0
    /// normal, 1 abnormal). The head needs no fit.
    ///
    /// # Errors
    /// If the lengths differ, a value is not finite, a label is neither 0 nor 1, or a class has no image.
    ///
    /// ```
    /// use ndarray::array;
    /// use nodule_eval::ReadOut;
    ///
    /// let training = array![[1.0f32, 0.0], [0.0, 1.0]];
    /// let fitted = ReadOut::Centroid.fit(training.view(), &[0, 1])?;
    /// let scores = fitted.scores(array![[0.9f32, 0.1], [0.2, 0.8]].view(), None)?;
    /// assert!(scores[0] < 0.0 && scores[1] > 0.0);
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    pub fn fit(self, embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<FittedReadOut, Error> {
        check_length("training labels", labels.len(), embeddings.nrows())?;
        check_finite_non_empty("training embeddings", embeddings)?;
        check_binary("training labels", labels)?;
        for (class, name) in [(0, "normal"), (1, "abnormal")] {
            if !labels.contains(&class) {
                let reason = format!("no {name} image; a classifier needs both classes");
                return Err(conflict("training labels", reason).into());
            }
        }
        let unit = || l2_normalise(embeddings);
        let classifier: Option<Arc<dyn Classifier>> = match self {
            Self::Head => None,
            Self::Centroid => Some(Arc::new(centroid::NearestCentroid::fit(&unit(), labels))),
            Self::Probe => Some(Arc::new(probe::LinearProbe::fit(&unit(), labels))),
            Self::Knn => Some(Arc::new(knn::NearestNeighbours::fit(unit(), labels))),
        };
        Ok(FittedReadOut::new(self, embeddings.ncols(), classifier))
    }
}
