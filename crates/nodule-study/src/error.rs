//! What can go wrong in a study, and whose fault it is.

use std::path::PathBuf;

use nodule_error::InvalidInput;

/// An error of a study: of its file, its folder, its runs or its report.
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
    /// Some runs did not finish.
    #[error("{failed} of {total} runs failed; run the same command again to try them once more")]
    RunsFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
    },
    /// What a run gives cannot be kept: nothing more was started.
    #[error(
        "run {run}: {source}; stopped there, with {done} of {total} runs done in this start: mend that and run the same command again"
    )]
    Unkept {
        /// The run that met it first: id and title.
        run: String,
        /// What it met.
        source: Box<Error>,
        /// Runs that this start finished.
        done: usize,
        /// Runs that it had to do.
        total: usize,
    },
    /// Stopped because somebody asked for it; what was trained so far is kept.
    #[error("stopped; run the same command again to go on")]
    Stopped,
    /// Planned runs that are not finished and whole.
    #[error(
        "{missing} of {planned} planned runs are not finished and whole; `nodule study run` makes them"
    )]
    Incomplete {
        /// How many.
        missing: usize,
        /// Of how many.
        planned: usize,
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
    /// From images of the user's own.
    #[error(transparent)]
    Images(#[from] nodule_images::Error),
    /// From a map or its score.
    #[error(transparent)]
    Explanation(#[from] nodule_explain::Error),
}

impl Error {
    /// Something that was to be written and cannot be made.
    pub fn made(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Made {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    /// Why a run failed, as its folder keeps it: one line, which says first that it diverged where a
    /// number of its training left the finite ones.
    #[must_use]
    pub fn reason(&self) -> String {
        let text = self.to_string();
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match self {
            Self::Training(nodule_train::Error::Diverged { .. }) => format!("diverged: {one_line}"),
            _ => one_line,
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
            Self::Training(e) => e.is_input(),
            Self::Network(e) => e.is_input(),
            Self::Explanation(e) => matches!(e, nodule_explain::Error::Setting(_)),
            Self::File { .. }
            | Self::Made { .. }
            | Self::RunsFailed { .. }
            | Self::Unkept { .. }
            | Self::Stopped
            | Self::Incomplete { .. }
            | Self::Evaluation(_) => false,
        }
    }
}
