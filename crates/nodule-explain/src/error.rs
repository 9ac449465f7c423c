//! Error type of the crate.

use nodule_error::{InvalidInput, invalid_value};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Invalid input: a setting, images, or a model without the required form.
    #[error(transparent)]
    Input(#[from] InvalidInput),
    /// A decision score or a map value that is not finite.
    #[error("{quantity}[{index}] = {value}: must be a finite number")]
    NotFinite {
        /// `decision`, `map` or `image`.
        quantity: &'static str,
        /// Index along the rows.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A failed tensor operation, or shapes that do not fit together.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// Returns the error for a bad value; see [`invalid_value`].
pub(crate) fn invalid(field: &'static str, value: impl ToString, allowed: &str) -> Error {
    invalid_value(field, value, allowed).into()
}
