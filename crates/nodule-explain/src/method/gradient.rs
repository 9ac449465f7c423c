//! The vanilla gradient.

use candle_core::{Tensor, Var};

use super::in_batches;
use crate::model::{decisions, detached};
use crate::{Error, Model};

/// `d decision / d image`, `[n, c, h, w]`: the saliency map of Simonyan et al. 2013 (section 3) with
/// its sign kept. One backward pass.
///
/// # Errors
/// [`Error::Setting`] if the images are not `[n, c, h, w]` of f32 and finite, or if the decision is
/// not one value an image that Candle can lead back to it; [`Error::NotFinite`] if a decision or a
/// map is not finite; else if the images do not fit the model or the device fails.
pub fn gradient(model: &(impl Model + ?Sized), images: &Tensor) -> Result<Tensor, Error> {
    in_batches(images, |batch| of_batch(model, batch))
}

pub(super) fn of_batch(model: &(impl Model + ?Sized), images: &Tensor) -> Result<Tensor, Error> {
    let images = Var::from_tensor(&images.contiguous()?)?;
    // Each decision depends on its own image alone: the gradient of the sum holds all of them.
    let gradients = decisions(model, &images)?.sum_all()?.backward()?;
    let gradient = gradients.get(&images).ok_or_else(detached)?;
    Ok(gradient.detach())
}

pub(super) fn with_defaults(model: &dyn Model, images: &Tensor, _: u64) -> Result<Tensor, Error> {
    gradient(model, images)
}
