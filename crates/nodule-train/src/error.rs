//! Error type of the crate.

use std::path::PathBuf;

use nodule_error::{FailedOperation, InvalidInput};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Invalid input: a setting or data set outside the allowed range.
    #[error(transparent)]
    Input(#[from] InvalidInput),
    /// A device that is unknown, absent, or not compiled in.
    #[error("device {name:?}: {reason}")]
    Device {
        /// Name of the device.
        name: String,
        /// Why it cannot be opened, and what to do.
        reason: String,
    },
    /// A checkpoint that does not fit the network.
    #[error("{path}: {reason}")]
    Checkpoint {
        /// Path of the file.
        path: PathBuf,
        /// Description of the fault, with the name and shape of the tensor.
        reason: String,
    },
    /// A training state that cannot be resumed.
    #[error("cannot resume training: {reason}")]
    State {
        /// Why not.
        reason: String,
    },
    /// A loss or an embedding that is not finite.
    #[error("the {quantity} became {value} at step {step}: {}", suggest_fix(*.step))]
    Diverged {
        /// `training loss`, `validation loss` or `embedding`.
        quantity: &'static str,
        /// The value.
        value: f64,
        /// Optimizer steps before it; 0 for the untrained network.
        step: usize,
    },
    /// A file that could not be read.
    #[error(transparent)]
    File(#[from] FailedOperation),
    /// An error of the network or the loss.
    #[error(transparent)]
    Network(#[from] nodule_nn::Error),
    /// A failed tensor operation.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl Error {
    /// Returns whether the user's input is the cause, as opposed to a failed computation.
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Input(_) | Self::Device { .. } | Self::Checkpoint { .. } | Self::State { .. } => {
                true
            }
            Self::Network(e) => e.is_input(),
            Self::File(e) => e.is_read(),
            Self::Diverged { .. } | Self::Candle(_) => false,
        }
    }
}

fn suggest_fix(step: usize) -> &'static str {
    match step {
        0 => "the network is untrained, so its settings or those of the loss are too large",
        _ => "lower the learning rate",
    }
}
