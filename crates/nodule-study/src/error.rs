//! What can go wrong in a study, and whose fault it is.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of the user's that is not allowed.
    #[error("{place}: {field} = {value}: must be {allowed}")]
    Setting {
        /// The file, or the command-line flag's command.
        place: String,
        /// The field, with its table.
        field: String,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A file of the user's that does not parse.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, and the line where it is known.
        place: String,
        /// What is wrong, naming the field.
        reason: String,
    },
    /// An output folder that cannot be used.
    #[error("{path}: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not, and what would mend it.
        reason: String,
    },
    /// A file that could not be read or written while running.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Some runs did not finish.
    #[error("{failed} of {total} runs failed; run the same command again to try them once more")]
    RunsFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
    },
    /// From the generator.
    #[error(transparent)]
    Generator(#[from] nodule_synth::Error),
    /// From training.
    #[error(transparent)]
    Training(#[from] nodule_train::Error),
    /// From the network.
    #[error(transparent)]
    Network(#[from] nodule_nn::Error),
    /// From a read-out, a metric or a test.
    #[error(transparent)]
    Evaluation(#[from] nodule_eval::Error),
    /// From a map or its score.
    #[error(transparent)]
    Explanation(#[from] nodule_explain::Error),
    /// A record that cannot be read back.
    #[error("{path}: {reason}")]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Whether the user's input is at fault (exit code 2) and not a run (exit code 1).
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Setting { .. }
            | Self::Syntax { .. }
            | Self::Folder { .. }
            | Self::Record { .. }
            | Self::Generator(_) => true,
            Self::Training(e) => matches!(
                e,
                nodule_train::Error::Setting { .. }
                    | nodule_train::Error::Device { .. }
                    | nodule_train::Error::Checkpoint { .. }
            ),
            Self::File { .. }
            | Self::RunsFailed { .. }
            | Self::Network(_)
            | Self::Evaluation(_) => false,
            Self::Explanation(e) => matches!(e, nodule_explain::Error::Setting { .. }),
        }
    }
}
