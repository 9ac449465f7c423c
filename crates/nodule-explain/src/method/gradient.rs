//! The vanilla gradient.

use candle_core::{Tensor, Var};

use super::in_batches;
use crate::{Error, Model};

/// `d decision / d image`, `[n, c, h, w]`: the saliency map of Simonyan et al. 2013 (section 3) with
/// its sign kept. One backward pass.
///
/// # Errors
/// If the images do not fit the model, a map is not finite, or the device fails.
pub fn gradient(model: &impl Model, images: &Tensor) -> Result<Tensor, Error> {
    in_batches(images, |batch| of_batch(model, batch))
}

pub(super) fn of_batch(model: &impl Model, images: &Tensor) -> Result<Tensor, Error> {
    let images = Var::from_tensor(&images.contiguous()?)?;
    // Each decision depends on its own image alone: the gradient of the sum holds all of them.
    let gradients = model.decide(&images)?.sum_all()?.backward()?;
    match gradients.get(&images) {
        Some(gradient) => Ok(gradient.detach()),
        // The decision does not depend on the image at all.
        None => Ok(images.zeros_like()?),
    }
}
