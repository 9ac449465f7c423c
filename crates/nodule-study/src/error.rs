//! Errors of study files, study folders and the records in them.

use std::path::PathBuf;

use nodule_error::InvalidInput;

/// Error of a study file, a study folder or a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of the user's that is not allowed.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A file of the user's that does not parse.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, and the line where it is known.
        place: String,
        /// What is wrong, naming the field.
        reason: String,
    },
    /// A folder that cannot be used.
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
    /// A record of a run that cannot be read back.
    #[error("{path}: {reason}")]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that was to be written cannot be made: never the user's fault.
    #[error("{what} cannot be made: {reason}")]
    Made {
        /// What was being made, such as a table's name.
        what: String,
        /// Why not.
        reason: String,
    },
    /// From the generator.
    #[error(transparent)]
    Generator(#[from] nodule_synth::Error),
    /// From a read-out, a metric or a test.
    #[error(transparent)]
    Evaluation(#[from] nodule_eval::Error),
    /// From images of the user's own.
    #[error(transparent)]
    Images(#[from] nodule_images::Error),
}

impl Error {
    /// Something that was to be written and cannot be made.
    pub fn made(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Made {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    /// Whether the user's input is at fault (exit code 2) and not a run (exit code 1).
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Setting(_)
            | Self::Syntax { .. }
            | Self::Folder { .. }
            | Self::Record { .. }
            | Self::Images(_) => true,
            Self::Generator(e) => e.is_input(),
            Self::File { .. } | Self::Made { .. } | Self::Evaluation(_) => false,
        }
    }
}
