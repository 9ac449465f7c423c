//! Gradient (vanilla saliency).

use candle_core::{Tensor, Var};

use super::{Attribution, in_batches};
use crate::model::{decide, not_differentiable};
use crate::{Error, Model};

/// Gradient of the decision score with respect to the pixels: the saliency map of Simonyan et al. 2013 (section 3),
/// with its sign. Costs one backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gradient;

impl Attribution for Gradient {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        in_batches(images, |batch| gradient_of_batch(model, batch))
    }
}

/// Returns the gradient of checked images, all in one backward pass.
pub(crate) fn gradient_of_batch(model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
    let images = Var::from_tensor(&images.contiguous()?)?;
    // Each score depends on its own image only, so the gradient of the sum contains those of all scores.
    let gradients = decide(model, &images)?.sum_all()?.backward()?;
    let gradient = gradients.get(&images).ok_or_else(not_differentiable)?;
    Ok(gradient.detach())
}
