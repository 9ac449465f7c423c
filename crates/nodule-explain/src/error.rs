//! What can go wrong in an explanation, in words for the person who asked for it.

use candle_core::Tensor;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name or a number outside what is allowed.
    #[error("{field} = {value}: must be {allowed}")]
    Setting {
        /// What was being set.
        field: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        allowed: String,
    },
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
    Error::Setting {
        field,
        value: value.to_string(),
        allowed: allowed.to_owned(),
    }
}

/// Refuses images that are not `[n, c, h, w]` of f32 with at least one of each.
pub(crate) fn check_images(images: &Tensor) -> Result<(), Error> {
    let dims = images.dims();
    if dims.len() == 4 && !dims.contains(&0) && images.dtype() == candle_core::DType::F32 {
        return Ok(());
    }
    let found = format!("{dims:?} of {}", images.dtype().as_str());
    Err(setting(
        "images",
        found,
        "[n, c, h, w] of f32, none of them 0",
    ))
}

/// The tensor itself, if all of its values are finite.
pub(crate) fn finite(what: &'static str, tensor: Tensor) -> Result<Tensor, Error> {
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(Error::NotFinite {
            what,
            index,
            value: values[index],
        }),
        None => Ok(tensor),
    }
}
