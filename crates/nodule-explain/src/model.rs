//! What can be explained.

use candle_core::{DType, Result, Tensor};

use crate::Error;
use crate::error::{all_finite, setting, shape_text};

/// Something that decides about images. A closure from images to decision values is one.
pub trait Model {
    /// Decision values `[n]` of `images` `[n, c, h, w]`, each of its own image alone, made of
    /// operations that Candle can differentiate. Above 0 is one class, below 0 the other: of two
    /// logits it is their difference.
    ///
    /// # Errors
    /// If the images do not fit the model or the device fails.
    fn decide(&self, images: &Tensor) -> Result<Tensor>;

    /// The model as one with feature maps, where it has them: a [`Convolutional`] model says
    /// `Some(self)`.
    fn as_convolutional(&self) -> Option<&dyn Convolutional> {
        None
    }
}

impl<F: Fn(&Tensor) -> Result<Tensor>> Model for F {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self(images)
    }
}

/// A model whose decision passes through convolutional feature maps: what Grad-CAM needs.
pub trait Convolutional: Model {
    /// The maps `[n, k, h', w']` of the layer that is explained, usually the last convolutional one.
    ///
    /// # Errors
    /// As [`Model::decide`].
    fn features(&self, images: &Tensor) -> Result<Tensor>;

    /// Decision values `[n]` from those maps.
    ///
    /// # Errors
    /// As [`Model::decide`].
    fn decide_features(&self, features: &Tensor) -> Result<Tensor>;
}

/// The decisions of `model` on `images`, if they are decision values at all.
pub(crate) fn decisions(
    model: &(impl Model + ?Sized),
    images: &Tensor,
) -> std::result::Result<Tensor, Error> {
    checked(model.decide(images)?, images.dim(0)?)
}

/// `decisions`, if they are one finite number for each of `n` images.
pub(crate) fn checked(decisions: Tensor, n: usize) -> std::result::Result<Tensor, Error> {
    if decisions.dims() != [n] || decisions.dtype() != DType::F32 {
        let allowed = format!(
            "[{n}] of f32: one decision value an image, above 0 for one class and below 0 for the other (of two logits, their difference)"
        );
        return Err(setting("decision", shape_text(&decisions), &allowed));
    }
    all_finite("decision", &decisions.to_vec1::<f32>()?)?;
    Ok(decisions)
}

/// A decision that gradients do not lead back from.
pub(crate) fn detached() -> Error {
    setting(
        "decision",
        "no function of the images in Candle's graph",
        "made of the images by operations that Candle can differentiate, none of them detached",
    )
}
