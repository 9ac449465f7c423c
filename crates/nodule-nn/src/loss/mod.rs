//! The losses, one a file, and the choice among them by name.

mod contrastive;
mod cross_entropy;
mod nt_xent;
mod sphere;
mod sup_con;
mod triplet;

use candle_core::Tensor;

pub use contrastive::contrastive;
pub use cross_entropy::cross_entropy;
pub use nt_xent::nt_xent;
pub use sup_con::sup_con;
pub use triplet::triplet;

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
    /// [`sup_con`] of the embedding.
    SupCon {
        /// Of the similarities; positive.
        temperature: f64,
    },
    /// `cross_entropy + weight * sup_con`.
    CrossEntropySupCon {
        /// Of the similarities; positive.
        temperature: f64,
        /// Weight of the contrastive term (lambda).
        weight: f64,
    },
    /// [`triplet`] of the embedding.
    Triplet {
        /// By which the other class must be farther, in (0, 2].
        margin: f64,
    },
    /// `cross_entropy + weight * nt_xent` over two views of every image (Winkens et al. 2020).
    CrossEntropyNtXent {
        /// Of the similarities; positive.
        temperature: f64,
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
            Self::SupCon { .. } => "supcon",
            Self::CrossEntropySupCon { .. } => "ce+supcon",
            Self::Triplet { .. } => "triplet",
            Self::CrossEntropyNtXent { .. } => "ce+nt-xent",
        }
    }

    /// Whether it trains the network's own head.
    #[must_use]
    pub fn has_head(&self) -> bool {
        !matches!(
            self,
            Self::Contrastive { .. } | Self::SupCon { .. } | Self::Triplet { .. }
        )
    }

    /// How many views of every image a batch must hold: all first views, then all second ones, with
    /// the labels in the same order.
    #[must_use]
    pub fn views(&self) -> usize {
        match self {
            Self::CrossEntropyNtXent { .. } => 2,
            _ => 1,
        }
    }

    /// The loss of a batch, a scalar; `labels` u32 `[n]`, 0 or 1.
    ///
    /// Where the loss does not use the logits, the head's parameters get no gradient at all.
    ///
    /// # Errors
    /// As the losses that it is made of.
    pub fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        let Output { embedding, logits } = output;
        let joint = |term: Tensor, weight: f64| -> Result<Tensor, Error> {
            Ok((cross_entropy(logits, labels)? + (term * weight)?)?)
        };
        match *self {
            Self::CrossEntropy => cross_entropy(logits, labels),
            Self::Contrastive { margin } => contrastive(embedding, labels, margin),
            Self::CrossEntropyContrastive { margin, weight } => {
                joint(contrastive(embedding, labels, margin)?, weight)
            }
            Self::SupCon { temperature } => sup_con(embedding, labels, temperature),
            Self::CrossEntropySupCon {
                temperature,
                weight,
            } => joint(sup_con(embedding, labels, temperature)?, weight),
            Self::Triplet { margin } => triplet(embedding, labels, margin),
            Self::CrossEntropyNtXent {
                temperature,
                weight,
            } => joint(nt_xent(embedding, temperature)?, weight),
        }
    }
}
