//! Joint loss: cross-entropy of the logits plus a weighted second term.

use candle_core::Tensor;
pub use nodule_config::Joint;

use super::cross_entropy;
use crate::{Error, Loss, Output};

/// `cross_entropy + weight * term`.
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
