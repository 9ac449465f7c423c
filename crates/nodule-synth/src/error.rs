//! What can go wrong in the generator, in words for the person who asked for it.

use std::path::{Path, PathBuf};

/// An error of this crate. All of them are about the user's input but [`Error::File`] on writing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that is not allowed.
    #[error("{place}: {field} = {value}: must be {allowed}")]
    Setting {
        /// The file or the table it stands in.
        place: String,
        /// The field.
        field: String,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A file that does not parse.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, and the line where it is known.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder that cannot be written to.
    #[error("{path}: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// Shorthand for [`Error::Setting`].
pub(crate) fn setting(
    place: &str,
    field: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Error {
    Error::Setting {
        place: place.to_owned(),
        field: field.into(),
        value: value.to_string(),
        allowed: allowed.into(),
    }
}

/// Shorthand for [`Error::File`].
pub(crate) fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::File {
        path: path.to_path_buf(),
        source,
    }
}
