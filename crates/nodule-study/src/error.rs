//! Errors of study files, output folders and the records in them.

use std::path::PathBuf;

use nodule_error::{FailedOperation, InvalidInput};

/// Error of a study file, an output folder or a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the user's that is invalid, conflicts with another one or has no effect.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A file of the user's that does not parse.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, and the line if it is known.
        place: String,
        /// The fault, with the field.
        reason: String,
    },
    /// A folder that cannot be used.
    #[error("{path}: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be used, and what to do.
        reason: String,
    },
    /// A file that cannot be read or written.
    #[error(transparent)]
    File(#[from] FailedOperation),
    /// A record of a run that is missing, changed or does not parse.
    #[error("{path}: {reason}")]
    Record {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// An output that cannot be created, whatever the user does.
    #[error("cannot create {what}: {reason}")]
    Made {
        /// The output, such as the name of a table.
        what: String,
        /// Why it cannot be created.
        reason: String,
    },
    /// Error of the generator.
    #[error(transparent)]
    Generator(#[from] nodule_synth::Error),
    /// Error of a read-out, a metric or a test.
    #[error(transparent)]
    Evaluation(#[from] nodule_eval::Error),
    /// Error of the user's own images.
    #[error(transparent)]
    Images(#[from] nodule_images::Error),
}

impl Error {
    /// Returns the error for an output that cannot be created.
    pub fn cannot_make(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Made {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    /// Whether the user's input is at fault (exit code 2), and not a run or the system (exit code 1).
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Setting(_)
            | Self::Syntax { .. }
            | Self::Folder { .. }
            | Self::Record { .. }
            | Self::Images(_) => true,
            Self::Generator(e) => e.is_input(),
            Self::File(e) => e.is_read(),
            Self::Made { .. } | Self::Evaluation(_) => false,
        }
    }

    /// Adds the study's file to an error about a setting, unless the error names a file already.
    pub(crate) fn or_at(self, place: &str) -> Self {
        self.map_setting(|e| e.or_at(place))
    }

    /// Adds the part of the study file, such as `[vary]`, to an error about a setting.
    pub(crate) fn in_section(self, section: &str) -> Self {
        self.map_setting(|e| e.in_section(section))
    }

    fn map_setting(self, change: impl FnOnce(InvalidInput) -> InvalidInput) -> Self {
        match self {
            Self::Setting(e) | Self::Generator(nodule_synth::Error::Setting(e)) => change(e).into(),
            other => other,
        }
    }
}
