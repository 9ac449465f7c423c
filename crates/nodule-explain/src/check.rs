//! Checks of images, maps and settings that several modules share.

use candle_core::{DType, Tensor};

use crate::Error;
use crate::error::invalid;

/// Returns an error unless images are `[n, c, h, w]` of f32, not empty, with finite pixels.
pub(crate) fn check_images(images: &Tensor) -> Result<(), Error> {
    let dims = images.dims();
    if dims.len() != 4 || dims.contains(&0) || images.dtype() != DType::F32 {
        let allowed = "[n, c, h, w] of f32, none of them 0";
        return Err(invalid("images", describe_shape(images), allowed));
    }
    let values = images.flatten_all()?.to_vec1::<f32>()?;
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => {
            let size = values.len() / dims[0];
            let (image, pixel) = (index / size, index % size);
            let value = format!("{} at pixel {pixel} of image {image}", values[index]);
            Err(invalid("images", value, "finite everywhere"))
        }
        None => Ok(()),
    }
}

/// Returns an error unless maps have the shape of their images and finite values.
pub(crate) fn check_maps(maps: &Tensor, images: &Tensor) -> Result<(), Error> {
    if maps.dims() != images.dims() || maps.dtype() != images.dtype() {
        let allowed = format!("{}, like the images", describe_shape(images));
        return Err(invalid("maps", describe_shape(maps), &allowed));
    }
    check_finite("map", &maps.flatten_all()?.to_vec1::<f32>()?)
}

/// Returns an error for the first value that is not finite.
pub(crate) fn check_finite(quantity: &'static str, values: &[f32]) -> Result<(), Error> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(Error::NotFinite {
            quantity,
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Returns `tensor` if all of its values are finite.
pub(crate) fn require_finite(quantity: &'static str, tensor: Tensor) -> Result<Tensor, Error> {
    check_finite(quantity, &tensor.flatten_all()?.to_vec1::<f32>()?)?;
    Ok(tensor)
}

/// Returns an error if a count is 0.
pub(crate) fn check_at_least_one(field: &'static str, count: usize) -> Result<(), Error> {
    match count {
        0 => Err(invalid(field, 0, "at least 1")),
        _ => Ok(()),
    }
}

/// Returns an error unless the baseline intensity is finite.
pub(crate) fn check_baseline(baseline: f64) -> Result<(), Error> {
    match baseline.is_finite() {
        true => Ok(()),
        false => Err(invalid("baseline", baseline, "a finite intensity")),
    }
}

/// Returns shape and type, such as `[2, 1, 8, 8] of f32`.
pub(crate) fn describe_shape(tensor: &Tensor) -> String {
    format!("{:?} of {}", tensor.dims(), tensor.dtype().as_str())
}
