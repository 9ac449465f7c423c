//! What can go wrong in the network, in words for the person who asked for it.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting outside what is allowed.
    #[error("{field} = {value}: must be {allowed}")]
    Setting {
        /// The setting's name.
        field: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
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
