//! What can go wrong in training, in words for the person who asked for it.

use std::path::PathBuf;

use nodule_error::Refused;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting outside what is allowed.
    #[error(transparent)]
    Setting(#[from] Refused),
    /// A device that is unknown, absent, or not compiled in.
    #[error("device {name:?}: {reason}")]
    Device {
        /// What was asked for.
        name: String,
        /// Why it cannot be had, and what would mend it.
        reason: String,
    },
    /// A checkpoint that does not hold the network asked for.
    #[error("{path}: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, naming the tensor and its shape.
        reason: String,
    },
    /// The loss left the finite numbers.
    #[error("the loss became {value} at step {step}: lower the learning rate")]
    Diverged {
        /// The loss.
        value: f64,
        /// Optimizer steps taken so far.
        step: usize,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The network refused its input.
    #[error(transparent)]
    Network(#[from] nodule_nn::Error),
    /// The tensor library failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    /// Whether what was asked for is at fault, and not what was done.
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Setting(_) | Self::Device { .. } | Self::Checkpoint { .. } => true,
            Self::Network(e) => e.is_input(),
            Self::Diverged { .. } | Self::File { .. } | Self::Tensor(_) => false,
        }
    }
}
