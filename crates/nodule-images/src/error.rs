//! Errors of images that the user provides.

use std::io;
use std::path::{Path, PathBuf};

use nodule_error::InvalidInput;

/// An error of this crate. All errors are about the user's input.
///
/// ```
/// let error = nodule_images::read_images("absent.npz".as_ref(), None).unwrap_err();
/// assert!(matches!(error, nodule_images::Error::File { .. }));
/// assert!(error.to_string().starts_with("cannot read absent.npz: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that is not allowed, or values that conflict.
    #[error(transparent)]
    Value(#[from] InvalidInput),
    /// A file of the wrong kind.
    #[error("{}: {reason}", .path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// Why it is rejected, on one line.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Returns a function that turns an I/O error into [`Error::File`].
pub(crate) fn cannot_read(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| Error::File {
        path: path.to_path_buf(),
        source,
    }
}

/// Returns [`Error::Content`], with the reason on one line.
pub(crate) fn bad_content(path: &Path, reason: impl ToString) -> Error {
    Error::Content {
        path: path.to_path_buf(),
        reason: nodule_error::describe_parse_error(&reason.to_string()),
    }
}
