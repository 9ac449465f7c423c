//! The losses, one a file, and the choice among them by name.

mod contrastive;
mod cross_entropy;

use candle_core::Tensor;

pub use contrastive::contrastive;
pub use cross_entropy::cross_entropy;

use crate::{Error, Output};

/// A loss of the study, with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// [`cross_entropy`] of the logits.
    CrossEntropy,
    /// [`contrastive`] of the embedding.
    Contrastive {
        /// Distance from which pairs of different classes no longer repel, in (0, 2].
        margin: f64,
    },
    /// `cross_entropy + weight * contrastive` (joint training: Dou et al. 2019, Winkens et al. 2020).
    CrossEntropyContrastive {
        /// Distance from which pairs of different classes no longer repel, in (0, 2].
        margin: f64,
        /// Weight of the contrastive term (lambda).
        weight: f64,
    },
}

impl Loss {
    /// Its name in study files and tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrossEntropy => "ce",
            Self::Contrastive { .. } => "contrastive",
            Self::CrossEntropyContrastive { .. } => "ce+contrastive",
        }
    }

    /// Whether it trains the network's own head.
    #[must_use]
    pub fn has_head(&self) -> bool {
        !matches!(self, Self::Contrastive { .. })
    }

    /// The loss of a batch, a scalar; `labels` u32 `[n]`, 0 or 1.
    ///
    /// Where the loss does not use the logits, the head's parameters get no gradient at all.
    ///
    /// # Errors
    /// As [`cross_entropy`] and [`contrastive`].
    pub fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        match *self {
            Self::CrossEntropy => cross_entropy(&output.logits, labels),
            Self::Contrastive { margin } => contrastive(&output.embedding, labels, margin),
            Self::CrossEntropyContrastive { margin, weight } => {
                let joint = (contrastive(&output.embedding, labels, margin)? * weight)?;
                Ok((cross_entropy(&output.logits, labels)? + joint)?)
            }
        }
    }
}
