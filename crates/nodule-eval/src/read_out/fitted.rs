//! What every read-out does: it is fitted once, then asked about other images.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use super::ReadOut;
use crate::Error;
use crate::error::{binary, finite, input, same_length};
use crate::normalise::normalise;

/// A read-out fitted on training embeddings.
#[derive(Debug, Clone)]
pub struct FittedReadOut {
    read_out: ReadOut,
    /// Of the embeddings that it was fitted on.
    dimensions: usize,
    rule: Arc<dyn Rule>,
}

/// A decision that is linear in something that a network gives, and so can be differentiated.
#[derive(Debug, Clone, PartialEq)]
pub enum Linear {
    /// The logit margin: abnormal minus normal.
    Logits,
    /// A plane on the unit sphere of embeddings.
    Embedding(Plane),
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
/// If the lengths differ, a value is not finite, a label is neither 0 nor 1, or a class is missing.
pub fn fit(
    read_out: ReadOut,
    embeddings: ArrayView2<f32>,
    labels: &[u8],
) -> Result<FittedReadOut, Error> {
    same_length("labels", labels.len(), embeddings.nrows())?;
    finite("training embeddings", embeddings)?;
    binary("training labels", labels)?;
    for (class, name) in [(0, "normal"), (1, "abnormal")] {
        if !labels.contains(&class) {
            let found = format!("no {name} image");
            let needed = "a read-out is fitted on both classes";
            return Err(input("training labels", found, needed));
        }
    }
    Ok(FittedReadOut {
        read_out,
        dimensions: embeddings.ncols(),
        rule: (read_out.kind().fit)(embeddings, labels),
    })
}

impl FittedReadOut {
    /// Which one it is.
    #[must_use]
    pub fn read_out(&self) -> ReadOut {
        self.read_out
    }

    /// The decision as something linear, so that it can be differentiated; none for k-NN, which has
    /// no derivative.
    #[must_use]
    pub fn linear(&self) -> Option<Linear> {
        self.rule.linear()
    }

    /// Decision values `[n]` of `embeddings` `[n, d]` and `logits` `[n, 2]`: larger is more
    /// abnormal, and above 0 is decided as abnormal. Only the head looks at the logits, and it looks
    /// at nothing else.
    ///
    /// # Errors
    /// If there is no row, the numbers of rows differ, the columns are not those that the read-out
    /// needs, or a value is not finite.
    pub fn scores(
        &self,
        embeddings: ArrayView2<f32>,
        logits: ArrayView2<f32>,
    ) -> Result<Vec<f32>, Error> {
        same_length("logits", logits.nrows(), embeddings.nrows())?;
        if self.read_out.needs_head() {
            same_length("columns of the logits", logits.ncols(), 2)?;
            finite("logits", logits)?;
        } else {
            let columns = embeddings.ncols();
            same_length("dimensions of the embeddings", columns, self.dimensions)?;
            finite("embeddings", embeddings)?;
        }
        let scores = self.rule.scores(&Asked { embeddings, logits });
        finite("scores", &scores)?;
        Ok(scores)
    }
}

/// What a read-out is, apart from its name and its fit.
pub(super) struct Kind {
    pub(super) needs_head: bool,
    pub(super) has_derivative: bool,
    /// From checked training embeddings `[n, d]` and labels `[n]` of both classes.
    pub(super) fit: fn(ArrayView2<f32>, &[u8]) -> Arc<dyn Rule>,
}

/// A fitted rule.
pub(super) trait Rule: fmt::Debug + Send + Sync {
    /// Decision values, one a row of what is asked.
    fn scores(&self, asked: &Asked) -> Vec<f32>;

    /// None where the decision has no derivative.
    fn linear(&self) -> Option<Linear>;
}

/// What a network gives of the images that are asked about: checked, as far as the rule needs it.
pub(super) struct Asked<'a> {
    embeddings: ArrayView2<'a, f32>,
    pub(super) logits: ArrayView2<'a, f32>,
}

impl Asked<'_> {
    /// The embeddings on the unit sphere; computed for those that need them.
    pub(super) fn unit(&self) -> Array2<f32> {
        normalise(self.embeddings)
    }
}
