//! Failed operations on files: which operation, which path, and the system's reason.

use std::fmt;
use std::io;
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

impl FailedOperation {
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
