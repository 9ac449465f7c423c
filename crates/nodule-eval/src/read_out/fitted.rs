//! A fitted read-out: computes decision scores, and exposes a linear decision for differentiation.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use nodule_error::conflict;

use super::ReadOut;
use crate::Error;
use crate::check::{check_finite_non_empty, check_length};
use crate::embedding::l2_normalise;

/// A read-out fitted to training embeddings by [`ReadOut::fit`].
#[derive(Debug, Clone)]
pub struct FittedReadOut {
    read_out: ReadOut,
    /// Dimension of the training embeddings.
    dimensions: usize,
    /// `None` for the network's own head.
    classifier: Option<Arc<dyn Classifier>>,
}

/// A decision that is linear in an output of the network, and therefore differentiable.
#[derive(Debug, Clone, PartialEq)]
pub enum LinearDecision {
    /// The logit margin: abnormal minus normal.
    LogitMargin,
    /// A hyperplane on the unit sphere of embeddings.
    Hyperplane(Hyperplane),
}

/// The decision score `weights . z + offset` of an embedding z of norm 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperplane {
    /// One weight for each dimension of the embedding.
    pub weights: Vec<f32>,
    /// Decision score at the origin.
    pub offset: f32,
}

impl FittedReadOut {
    pub(super) fn new(
        read_out: ReadOut,
        dimensions: usize,
        classifier: Option<Arc<dyn Classifier>>,
    ) -> Self {
        Self {
            read_out,
            dimensions,
            classifier,
        }
    }

    /// The read-out that was fitted.
    #[must_use]
    pub fn read_out(&self) -> ReadOut {
        self.read_out
    }

    /// Returns the linear form of the decision; `None` for k-NN, which has no derivative.
    #[must_use]
    pub fn linear(&self) -> Option<LinearDecision> {
        match &self.classifier {
            None => Some(LinearDecision::LogitMargin),
            Some(classifier) => classifier.hyperplane().map(LinearDecision::Hyperplane),
        }
    }

    /// Returns the decision scores `[n]` from the network's `embeddings` `[n, d]` and `logits` `[n, 2]`: larger is
    /// more abnormal, above 0 is classified as abnormal.
    ///
    /// The head uses the logits only, all others the embeddings only; for these `logits` may be `None`.
    ///
    /// # Errors
    /// If there is no row, the numbers of rows differ, the head has no logits, the columns are not those that the
    /// read-out needs, or a value is not finite.
    ///
    /// ```
    /// use ndarray::array;
    /// use nodule_eval::ReadOut;
    ///
    /// let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    /// let head = ReadOut::Head.fit(embeddings.view(), &[0, 1])?;
    /// let logits = array![[0.5f32, 2.0], [1.0, -1.0]];
    /// assert_eq!(head.scores(embeddings.view(), Some(logits.view()))?, [1.5, -2.0]);
    /// assert!(head.scores(embeddings.view(), None).is_err());
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    pub fn scores(
        &self,
        embeddings: ArrayView2<f32>,
        logits: Option<ArrayView2<f32>>,
    ) -> Result<Vec<f32>, Error> {
        if let Some(logits) = &logits {
            check_length("rows of the logits", logits.nrows(), embeddings.nrows())?;
        }
        let scores = match &self.classifier {
            None => logit_margins(logits)?,
            Some(classifier) => {
                let name = "dimensions of the embeddings";
                check_length(name, embeddings.ncols(), self.dimensions)?;
                check_finite_non_empty("embeddings", embeddings)?;
                classifier.scores(&l2_normalise(embeddings))
            }
        };
        check_finite_non_empty("scores", &scores)?;
        Ok(scores)
    }
}

fn logit_margins(logits: Option<ArrayView2<f32>>) -> Result<Vec<f32>, Error> {
    let logits = logits.ok_or_else(|| {
        conflict(
            "logits",
            "missing; the head classifies by the network's logits",
        )
    })?;
    check_length("columns of the logits", logits.ncols(), 2)?;
    check_finite_non_empty("logits", logits)?;
    Ok(logits.rows().into_iter().map(|l| l[1] - l[0]).collect())
}

/// A classifier fitted to embeddings on the unit sphere.
pub(super) trait Classifier: fmt::Debug + Send + Sync {
    /// Returns the decision scores of `unit` `[n, d]`, rows of norm 1.
    fn scores(&self, unit: &Array2<f32>) -> Vec<f32>;

    /// Returns the linear form of the decision; `None` if it is not differentiable.
    fn hyperplane(&self) -> Option<Hyperplane>;
}
