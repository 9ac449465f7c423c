//! Error type of the crate.

use nodule_error::InvalidInput;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Invalid input: an unknown name, or values that are missing, not finite, out of range or of the wrong length.
    #[error(transparent)]
    Input(#[from] InvalidInput),
}
