//! The error of this crate.

use nodule_error::{InvalidInput, invalid_value};

/// An error of a network, layer or loss.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting outside its range.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A tensor that is missing, unknown, or of another shape than the network's parameter.
    #[error("tensor {name}: {found}, but this network needs {needed}")]
    Parameter {
        /// Name of the tensor.
        name: String,
        /// Problem with the tensor.
        found: String,
        /// Shape and type, or names, that the network has.
        needed: String,
    },
    /// A tensor operation failed.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl Error {
    /// Returns whether the user's input caused the error.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Setting(_) | Self::Parameter { .. })
    }
}

/// For implementations of [`candle_core::Module`].
impl From<Error> for candle_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Candle(error) => error,
            error => Self::wrap(error),
        }
    }
}

/// Returns the error for one bad value.
pub(crate) fn reject<T>(field: &str, value: impl ToString, allowed: &str) -> Result<T, Error> {
    Err(invalid_value(field, value, allowed).into())
}
