//! Trait of the models that can be explained.

use candle_core::{DType, Result, Tensor, bail};
use nodule_error::conflict;

use crate::Error;
use crate::check::{check_finite, describe_shape};
use crate::error::invalid;

/// A model with one decision score per image. Closures from images to decision scores implement it.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::Model;
///
/// // Two logits per image become one decision score.
/// let margin = |logits: &Tensor| logits.narrow(1, 1, 1)?.sub(&logits.narrow(1, 0, 1)?)?.squeeze(1);
/// let model = |images: &Tensor| margin(&images.flatten_from(1)?.narrow(1, 0, 2)?);
/// let images = Tensor::new(&[[[[0.25f32, 1.0]]]], &Device::Cpu)?;
/// assert_eq!(model.decide(&images)?.to_vec1::<f32>()?, [0.75]);
/// assert!(!model.has_feature_maps());
/// # Ok::<(), candle_core::Error>(())
/// ```
pub trait Model {
    /// Returns the decision scores `[n]` of `images` `[n, c, h, w]`: above 0 for one class, below 0 for the other. Of
    /// two logits it is their difference.
    ///
    /// A score must depend on its own image only, through operations that Candle can differentiate.
    ///
    /// # Errors
    /// If the images do not fit the model or the device fails.
    fn decide(&self, images: &Tensor) -> Result<Tensor>;

    /// Returns whether the model implements the two methods below, which Grad-CAM needs.
    fn has_feature_maps(&self) -> bool {
        false
    }

    /// Returns the feature maps `[n, k, h', w']` of the layer to explain, usually the last convolution.
    ///
    /// # Errors
    /// If the model has no feature maps, the images do not fit it, or the device fails.
    fn feature_maps(&self, _images: &Tensor) -> Result<Tensor> {
        bail!("the model has no feature maps")
    }

    /// Returns the decision scores `[n]` from feature maps.
    ///
    /// # Errors
    /// As [`feature_maps`](Self::feature_maps).
    fn decide_from_feature_maps(&self, _maps: &Tensor) -> Result<Tensor> {
        bail!("the model has no feature maps")
    }
}

impl<F: Fn(&Tensor) -> Result<Tensor>> Model for F {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self(images)
    }
}

/// Returns the checked decision scores of `model`.
pub(crate) fn decide(model: &dyn Model, images: &Tensor) -> std::result::Result<Tensor, Error> {
    check_scores(model.decide(images)?, images.dim(0)?)
}

/// Returns `scores` if they are one finite f32 for each of `n` images.
pub(crate) fn check_scores(scores: Tensor, n: usize) -> std::result::Result<Tensor, Error> {
    if scores.dims() != [n] || scores.dtype() != DType::F32 {
        let allowed = format!(
            "[{n}] of f32: one decision score per image, above 0 for one class and below 0 for the other (of two logits, their difference)"
        );
        return Err(invalid("decision", describe_shape(&scores), &allowed));
    }
    check_finite("decision", &scores.to_vec1::<f32>()?)?;
    Ok(scores)
}

/// Returns the error for a decision that is not differentiable with respect to the images.
pub(crate) fn not_differentiable() -> Error {
    let reason = "not differentiable with respect to the images; compute it from them by operations that Candle can differentiate, without detaching";
    conflict("decision", reason).into()
}
