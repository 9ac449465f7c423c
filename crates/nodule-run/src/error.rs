//! Errors of running a study and of evaluating its finished runs.

use nodule_error::InvalidInput;
use nodule_study::text::one_line;

/// Error of a run, or of all runs of a start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A study file, study folder, record or file on disk.
    #[error(transparent)]
    Study(#[from] nodule_study::Error),
    /// Training, or the device.
    #[error(transparent)]
    Training(#[from] nodule_train::Error),
    /// The network or its loss.
    #[error(transparent)]
    Network(#[from] nodule_nn::Error),
    /// An attribution map or its score.
    #[error(transparent)]
    Explanation(#[from] nodule_explain::Error),
    /// The tensor library.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// Some runs did not finish.
    #[error("{failed} of {total} runs failed; run the same command again to try them once more")]
    RunsFailed {
        /// Number of failed runs.
        failed: usize,
        /// Number of runs that this start tried.
        total: usize,
    },
    /// A file of a run could not be written; no further run was started.
    #[error(
        "run {run}: {source}; stopped with {done} of {total} runs done in this start: fix this and run the same command again"
    )]
    NotWritten {
        /// Id and title of the first run with this error.
        run: String,
        /// The error of writing.
        source: Box<Error>,
        /// Runs that this start finished.
        done: usize,
        /// Runs that this start had to do.
        total: usize,
    },
    /// Stopped on request; checkpoints hold what was trained so far.
    #[error("stopped; run the same command again to continue")]
    Stopped,
    /// Planned runs that are not finished and whole.
    #[error(
        "{missing} of {planned} planned runs are not finished and whole; run `nodule study run` to complete them"
    )]
    Incomplete {
        /// Number of runs that are not finished and whole.
        missing: usize,
        /// Number of planned runs.
        planned: usize,
    },
}

impl Error {
    /// Returns the error for output that cannot be created; never the user's fault.
    pub(crate) fn cannot_make(what: &str, reason: impl ToString) -> Self {
        nodule_study::Error::cannot_make(what, reason).into()
    }

    /// Returns why a run failed, on one line, for the file `failed` in its folder. Begins with `diverged: ` if a
    /// number of the training became infinite or NaN.
    pub(crate) fn failure_reason(&self) -> String {
        let line = one_line(&self.to_string());
        match self {
            Self::Training(nodule_train::Error::Diverged { .. }) => format!("diverged: {line}"),
            _ => line,
        }
    }

    /// Returns whether a file or folder could not be written or read.
    pub(crate) fn is_file_error(&self) -> bool {
        use nodule_study::Error::{File, Folder};
        matches!(self, Self::Study(File { .. } | Folder { .. }))
    }

    /// Returns whether the user's input is at fault (exit code 2) and not a run (exit code 1).
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Study(e) => e.is_input(),
            Self::Training(e) => e.is_input(),
            Self::Network(e) => e.is_input(),
            Self::Explanation(e) => matches!(e, nodule_explain::Error::Input(_)),
            Self::Tensor(_)
            | Self::RunsFailed { .. }
            | Self::NotWritten { .. }
            | Self::Stopped
            | Self::Incomplete { .. } => false,
        }
    }
}

/// Errors that [`nodule_study::Error`] has a variant for.
macro_rules! from_study_errors {
    ($($error:ty),+) => {
        $(
            impl From<$error> for Error {
                fn from(error: $error) -> Self {
                    Self::Study(error.into())
                }
            }
        )+
    };
}
from_study_errors!(
    InvalidInput,
    nodule_synth::Error,
    nodule_eval::Error,
    nodule_images::Error
);
