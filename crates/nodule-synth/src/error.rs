//! Errors of the generator: invalid input, files, memory.

use std::path::{Path, PathBuf};

use nodule_error::{InvalidInput, conflict, invalid_value};

/// Characters of a value that a message shows.
const MAX_LENGTH: usize = 120;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that is not allowed, or settings that conflict.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A file that does not parse, or a path that is not a regular file.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, with the line if known.
        place: String,
        /// Why the file is rejected.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {cause}", one_line(&.path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// A file that cannot be written, for example because the disk is full.
    #[error("cannot write {}: {cause}", one_line(&.path.to_string_lossy()))]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// A folder that an export cannot use.
    #[error("{}: {reason}", one_line(&.path.to_string_lossy()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be used, and what to do.
        reason: String,
    },
    /// A data set that does not fit into memory.
    #[error(
        "{what} needs {needed} of memory; {available} are available; ask for fewer or smaller images"
    )]
    Memory {
        /// The data set.
        what: String,
        /// Memory that it needs, with its unit.
        needed: String,
        /// Memory that is available, with its unit.
        available: String,
    },
}

impl Error {
    /// Returns whether other input would avoid the error. Only a failed write in an accepted folder is not such an
    /// error.
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Setting(_)
            | Self::Syntax { .. }
            | Self::File { .. }
            | Self::Folder { .. }
            | Self::Memory { .. } => true,
            Self::Write { .. } => false,
        }
    }
}

/// Returns [`Error::Setting`] for one bad value, on one line and with long values cut.
pub(crate) fn setting(
    place: &str,
    field: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Error {
    invalid_value(field, shorten(&value.to_string()), allowed)
        .at(one_line(place))
        .into()
}

/// Returns [`Error::Setting`] for settings that conflict or have no effect.
pub(crate) fn conflicting(
    place: &str,
    subject: impl Into<String>,
    reason: impl Into<String>,
) -> Error {
    conflict(subject, reason).at(one_line(place)).into()
}

/// Returns [`Error::Syntax`] for a file whose content is rejected.
pub(crate) fn file_content(place: &str, reason: impl Into<String>) -> Error {
    Error::Syntax {
        place: one_line(place),
        reason: reason.into(),
    }
}

/// Returns a function that turns an I/O error into [`Error::File`].
pub(crate) fn read_error(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |cause| Error::File {
        path: path.to_path_buf(),
        cause,
    }
}

/// Returns a function that turns an I/O error into [`Error::Write`].
#[cfg(any(test, feature = "npz", feature = "png"))]
pub(crate) fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |cause| Error::Write {
        path: path.to_path_buf(),
        cause,
    }
}

/// Returns user text for a message: on one line, without terminal control sequences, cut at 120 characters.
pub(crate) fn shorten(text: &str) -> String {
    shorten_to(text, MAX_LENGTH)
}

/// Returns user text for a message, as [`shorten`], cut at `max_chars` characters.
pub(crate) fn shorten_to(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}...", one_line(&text[..end])),
        None => one_line(text),
    }
}

/// Returns the text with control characters escaped (`\n`, `\u{1b}`).
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_on_one_short_line() {
        let value = format!("a\nb\u{1b}[2J{}", "x".repeat(100_000));
        let message = setting("mine\r.toml", "name", value, "short").to_string();
        assert!(!message.chars().any(char::is_control), "{message}");
        assert!(message.len() < 250 && message.contains("a\\nb\\u{1b}[2J"));
        let path = PathBuf::from("a\nb");
        let reason = String::from("is not a folder");
        let message = Error::Folder { path, reason }.to_string();
        assert_eq!(message, "a\\nb: is not a folder");
    }

    #[test]
    fn only_a_failed_write_is_not_an_input_error() {
        let not_found = || std::io::Error::from(std::io::ErrorKind::NotFound);
        assert!(setting("here", "n", 0, "at least 1").is_input());
        assert!(read_error(Path::new("absent"))(not_found()).is_input());
        assert!(!write_error(Path::new("full"))(not_found()).is_input());
    }
}
