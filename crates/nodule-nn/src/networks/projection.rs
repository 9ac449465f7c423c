//! Projection head: a small network on the embedding that only the loss sees, and that is thrown away after training.

use candle_core::{Result, Tensor, Var};
use candle_nn::{Module, VarBuilder};

use super::network::Output;
use crate::{Dense, relu};

/// Two dense layers with a ReLU between them, from the embedding to a projection (Chen et al. 2020, section 4.2). The
/// hidden layer is as wide as the embedding.
///
/// ```
/// use candle_core::{DType, Device, Module, Tensor};
/// use nodule_nn::{ProjectionHead, seeded_weights};
///
/// # fn main() -> candle_core::Result<()> {
/// let head = ProjectionHead::new(84, 32, seeded_weights(7, &Device::Cpu))?;
/// let embeddings = Tensor::zeros((5, 84), DType::F32, &Device::Cpu)?;
/// assert_eq!(head.forward(&embeddings)?.dims(), [5, 32]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProjectionHead {
    hidden: Dense,
    output: Dense,
}

impl ProjectionHead {
    /// Returns the head with the tensors of `weights`: layers `projection.fc1` and `projection.fc2`.
    ///
    /// # Errors
    /// If a tensor is missing, has another shape, or the device fails.
    pub fn new(embedding: usize, width: usize, weights: VarBuilder) -> Result<Self> {
        let weights = weights.pp("projection");
        Ok(Self {
            hidden: Dense::new(embedding, embedding, weights.pp("fc1"))?,
            output: Dense::new(embedding, width, weights.pp("fc2"))?,
        })
    }

    /// Parameters with their names.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, Var)> {
        [self.hidden.parameters(), self.output.parameters()].concat()
    }

    /// Returns `output` with the projection in the place of the embedding.
    ///
    /// # Errors
    /// If the embedding has another width, or the device fails.
    pub fn project(&self, output: &Output) -> Result<Output> {
        Ok(Output {
            embedding: self.forward(&output.embedding)?,
            logits: output.logits.clone(),
        })
    }
}

/// Returns the projections `[n, width]` of embeddings `[n, embedding]`.
impl Module for ProjectionHead {
    fn forward(&self, embeddings: &Tensor) -> Result<Tensor> {
        let hidden = self.hidden.forward(embeddings)?;
        self.output.forward(&relu(&hidden)?)
    }
}
