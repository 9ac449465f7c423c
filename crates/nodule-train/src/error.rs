//! What can go wrong in training, in words for the person who asked for it.

use std::path::PathBuf;

use nodule_error::InvalidInput;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting outside what is allowed.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
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
    /// A saved training that cannot be gone on from.
    #[error("the state of a training cannot be used: {reason}")]
    State {
        /// Why not.
        reason: String,
    },
    /// A number left the finite ones.
    #[error("the {what} became {value} at step {step}: {}", mend(*.step))]
    Diverged {
        /// Which: `training loss`, `validation loss` or `embedding`.
        what: &'static str,
        /// The number.
        value: f64,
        /// Optimizer steps taken before; 0 is the untrained network.
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
            Self::Setting(_)
            | Self::Device { .. }
            | Self::Checkpoint { .. }
            | Self::State { .. } => true,
            Self::Network(e) => e.is_input(),
            // A checkpoint that is not where somebody said.
            Self::File { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            Self::Diverged { .. } | Self::Tensor(_) => false,
        }
    }
}

/// What would keep numbers finite: a network that has taken no step was not led astray by them.
fn mend(step: usize) -> &'static str {
    match step {
        0 => "the network is untrained, so its settings or those of the loss are too large",
        _ => "lower the learning rate",
    }
}
