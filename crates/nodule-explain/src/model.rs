//! What can be explained.

use candle_core::{Result, Tensor};

/// Something that decides about images.
pub trait Model {
    /// Decision values `[n]` of `images` `[n, c, h, w]`, each of its own image alone, made of
    /// operations that Candle can differentiate. Above 0 is one class, below 0 the other.
    ///
    /// # Errors
    /// If the images do not fit the model or the device fails.
    fn decide(&self, images: &Tensor) -> Result<Tensor>;
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
