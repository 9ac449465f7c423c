//! What can go wrong in the network, in words for the person who asked for it.

use nodule_error::{InvalidInput, invalid_value};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting outside what is allowed.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A tensor that is missing, unknown, or of another shape than the network's.
    #[error("tensor {name}: {found}, but this network needs {needed}")]
    Parameter {
        /// The tensor's name.
        name: String,
        /// What was found.
        found: String,
        /// What the network needs.
        needed: String,
    },
    /// The tensor library failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    /// Whether what was asked for is at fault, and not what was done.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Setting(_) | Self::Parameter { .. })
    }
}

/// Refuses a setting.
pub(crate) fn refuse<T>(field: &str, value: impl ToString, allowed: &str) -> Result<T, Error> {
    Err(invalid_value(field, value, allowed).into())
}
