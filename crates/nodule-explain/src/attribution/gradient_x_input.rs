//! Gradient times input.

use candle_core::Tensor;

use super::{Attribution, Gradient};
use crate::{Error, Model};

/// Gradient times pixel intensity (Shrikumar et al. 2016): the contribution of each pixel to the decision score relative
/// to black, if the model is linear. Costs one backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GradientXInput;

impl Attribution for GradientXInput {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        Ok(Gradient.attribute(model, images)?.mul(images)?)
    }
}
