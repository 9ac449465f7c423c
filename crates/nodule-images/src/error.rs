//! What can be wrong with images that somebody brings, in words for that person.

use std::io;
use std::path::{Path, PathBuf};

use nodule_error::InvalidInput;

/// An error of this crate. All of them are of the input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that is not allowed.
    #[error(transparent)]
    Value(#[from] InvalidInput),
    /// A file that is not what it should be.
    #[error("{}: {reason}", .path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, on one line.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

pub(crate) fn file(path: &Path, source: io::Error) -> Error {
    Error::File {
        path: path.to_path_buf(),
        source,
    }
}

pub(crate) fn content(path: &Path, reason: impl ToString) -> Error {
    Error::Content {
        path: path.to_path_buf(),
        reason: nodule_error::describe_parse_error(&reason.to_string()),
    }
}
