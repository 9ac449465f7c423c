//! Joint training: cross-entropy of the head, and a weighted loss on the embedding.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::cross_entropy;
use crate::error::refuse;
use crate::{Error, Loss, Output};

/// `cross_entropy + weight * term`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joint<L> {
    /// The loss on the embedding, its settings beside the weight.
    #[serde(flatten)]
    pub term: L,
    /// Weight of the term (lambda); positive.
    pub weight: f64,
}

impl<L: Default> Default for Joint<L> {
    fn default() -> Self {
        Self {
            term: L::default(),
            weight: 1.0,
        }
    }
}

impl<L: Loss> Loss for Joint<L> {
    fn trains_head(&self) -> bool {
        true
    }

    fn views(&self) -> usize {
        self.term.views()
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        let term = self.term.compute(output, labels)?;
        Ok((cross_entropy(&output.logits, labels)? + (term * self.weight)?)?)
    }
}

impl<L> Joint<L> {
    pub(super) fn check_weight(&self) -> Result<(), Error> {
        if self.weight > 0.0 && self.weight.is_finite() {
            return Ok(());
        }
        refuse("weight", self.weight, "a positive number")
    }
}
