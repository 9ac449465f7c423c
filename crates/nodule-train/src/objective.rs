//! What a training step minimises: the loss of the outputs after dropout and projection.

use candle_core::Tensor;
use nodule_nn::{Loss, Network, Output, ProjectionHead};
use nodule_seed::stream;

/// A loss that is computed after dropout of the embedding, and of its projection.
#[derive(Debug)]
pub(crate) struct Objective<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) projection: Option<&'a ProjectionHead>,
    /// Factors of the embeddings `[n, dimension]`; `None` without dropout and for validation.
    pub(crate) dropout: Option<Tensor>,
}

impl Loss for Objective<'_> {
    fn trains_head(&self) -> bool {
        self.loss.trains_head()
    }

    fn views(&self) -> usize {
        self.loss.views()
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, nodule_nn::Error> {
        let mut output = output.clone();
        if let Some(factors) = &self.dropout {
            output.embedding = (output.embedding * factors)?;
            output.logits = self.network.forward_logits(&output.embedding)?;
        }
        if let Some(head) = self.projection {
            output = head.project(&output)?;
        }
        self.loss.compute(&output, labels)
    }
}

/// Returns factors of `count` embeddings of `dimension` numbers: 0 with probability `rate`, else `1 / (1 - rate)`, which
/// keeps the mean (Srivastava et al. 2014, inverted as in PyTorch).
pub(crate) fn draw_dropout(rate: f64, count: usize, dimension: usize, seed: u64) -> Vec<f32> {
    let mut random = stream(seed);
    let kept = (1.0 / (1.0 - rate)) as f32;
    (0..count * dimension)
        .map(|_| if random.uniform() < rate { 0.0 } else { kept })
        .collect()
}
