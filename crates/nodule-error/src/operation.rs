//! Failed operations on files: which operation, which path, and the system's reason.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A failed operation on a file or folder. Displays as `cannot write results/x/run.json: no space left on device`.
#[derive(Debug)]
pub struct FailedOperation {
    operation: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// Returns a function that turns an I/O error into a [`FailedOperation`], for `map_err`.
///
/// `operation` is a verb that fits between "cannot" and the path, such as `read`, `write` or `create`.
pub fn failed_to(operation: &'static str, path: &Path) -> impl Fn(io::Error) -> FailedOperation {
    move |source| FailedOperation {
        operation,
        path: path.to_owned(),
        source,
    }
}

/// Reads a file that must be a regular one: a folder or a socket has no content, and reading a pipe or a device may
/// never end.
///
/// # Errors
/// The system's error, or one that says what the path is.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_file(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file for reading that must be a regular one.
///
/// # Errors
/// As [`read_file`].
pub fn open_file(path: &Path) -> io::Result<File> {
    // Checked before opening: opening a pipe without a writer blocks.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        let reason = "is a folder: must be a file";
        return Err(io::Error::new(io::ErrorKind::IsADirectory, reason));
    }
    if !metadata.is_file() {
        let reason = "is a pipe, a device or a socket: must be a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    File::open(path)
}

impl FailedOperation {
    /// Whether reading failed, so that another file or its repair would avoid the error.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.operation == "read"
    }

    /// The path that the operation was on.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The error that the system reported.
    #[must_use]
    pub fn io_error(&self) -> &io::Error {
        &self.source
    }
}

impl std::error::Error for FailedOperation {}

impl fmt::Display for FailedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            path,
            source,
        } = self;
        write!(f, "cannot {operation} {}: {source}", path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_operation_path_and_reason() {
        let error = failed_to("write", Path::new("a/b"))(io::Error::other("no space left"));
        assert_eq!(error.to_string(), "cannot write a/b: no space left");
    }
}
