//! What can go wrong in an explanation, in words for the person who asked for it.

use candle_core::Tensor;
use nodule_error::{InvalidInput, invalid_value};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name, a number or an input outside what is allowed.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A map or a decision that is not a number.
    #[error("{what}[{index}] = {value}: must be a finite number")]
    NotFinite {
        /// What it was found in.
        what: &'static str,
        /// Where in it.
        index: usize,
        /// The value.
        value: f32,
    },
    /// The device failed, or shapes do not fit together.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

pub(crate) fn setting(field: &'static str, value: impl ToString, allowed: &str) -> Error {
    invalid_value(field, value, allowed).into()
}

/// Refuses images that are not `[n, c, h, w]` of f32 with at least one of each, and the first pixel
/// that is not finite.
pub(crate) fn check_images(images: &Tensor) -> Result<(), Error> {
    let dims = images.dims();
    if dims.len() != 4 || dims.contains(&0) || images.dtype() != candle_core::DType::F32 {
        let allowed = "[n, c, h, w] of f32, none of them 0";
        return Err(setting("images", shape_text(images), allowed));
    }
    let values = images.flatten_all()?.to_vec1::<f32>()?;
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => {
            let size = values.len() / dims[0];
            let (image, pixel) = (index / size, index % size);
            let found = format!("{} at pixel {pixel} of image {image}", values[index]);
            Err(setting("images", found, "finite everywhere"))
        }
        None => Ok(()),
    }
}

/// Refuses maps that are not as large as their images, and the first value that is not finite.
pub(crate) fn check_maps(maps: &Tensor, images: &Tensor) -> Result<(), Error> {
    if maps.dims() != images.dims() || maps.dtype() != images.dtype() {
        let allowed = format!("{}, as the images", shape_text(images));
        return Err(setting("maps", shape_text(maps), &allowed));
    }
    all_finite("map", &maps.flatten_all()?.to_vec1::<f32>()?)
}

/// The tensor itself, if all of its values are finite.
pub(crate) fn finite(what: &'static str, tensor: Tensor) -> Result<Tensor, Error> {
    all_finite(what, &tensor.flatten_all()?.to_vec1::<f32>()?)?;
    Ok(tensor)
}

/// Refuses the first value that is not finite.
pub(crate) fn all_finite(what: &'static str, values: &[f32]) -> Result<(), Error> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => {
            let value = values[index];
            Err(Error::NotFinite { what, index, value })
        }
        None => Ok(()),
    }
}

pub(crate) fn shape_text(tensor: &Tensor) -> String {
    format!("{:?} of {}", tensor.dims(), tensor.dtype().as_str())
}
