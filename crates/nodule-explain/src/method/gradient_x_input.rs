//! Gradient times input.

use candle_core::Tensor;

use super::gradient;
use crate::{Error, Model};

/// `image * d decision / d image`, `[n, c, h, w]` (Shrikumar et al. 2016): what each pixel adds to
/// the decision value, as far as the model is linear. One backward pass; the baseline is black.
///
/// # Errors
/// As [`gradient`](super::gradient()).
pub fn gradient_x_input(model: &(impl Model + ?Sized), images: &Tensor) -> Result<Tensor, Error> {
    Ok(gradient(model, images)?.mul(images)?)
}

pub(super) fn with_defaults(model: &dyn Model, images: &Tensor, _: u64) -> Result<Tensor, Error> {
    gradient_x_input(model, images)
}
