//! What can go wrong in the generator, in words for the person who asked for it.

use std::path::{Path, PathBuf};

use nodule_error::{InvalidInput, invalid_value};

/// Characters of a value that a message shows; the rest is cut off.
const MOST_SHOWN: usize = 120;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that is not allowed.
    #[error(transparent)]
    Setting(#[from] InvalidInput),
    /// A file that does not parse, or is no file that can be read to its end.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file, and the line where it is known.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("{}: {cause}", one_line(&.path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file that cannot be written: the disk is full, say, or was taken away.
    #[error("{}: cannot be written: {cause}", one_line(&.path.to_string_lossy()))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A folder that cannot be written to.
    #[error("{}: {reason}", one_line(&.path.to_string_lossy()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not, and what would mend it.
        reason: String,
    },
    /// More than fits into memory.
    #[error(
        "{what} would take {needed} of memory, and {available} can be had: ask for fewer or smaller images"
    )]
    Memory {
        /// What was asked for.
        what: String,
        /// What it would take, with its unit.
        needed: String,
        /// What there is, with its unit.
        available: String,
    },
}

impl Error {
    /// Whether whoever asked can mend it by asking for something else: a value, a file that is
    /// read, a folder that cannot be used, more than the memory holds. Only a file that could not
    /// be written once its folder was in use is not.
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

/// Shorthand for [`Error::Setting`]. The value is shown on one line, and not at any length.
pub(crate) fn setting(
    place: &str,
    field: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Error {
    invalid_value(field, shown(&value.to_string()), allowed)
        .at(one_line(place))
        .into()
}

/// Shorthand for [`Error::Syntax`].
pub(crate) fn syntax(place: &str, reason: impl Into<String>) -> Error {
    Error::Syntax {
        place: one_line(place),
        reason: reason.into(),
    }
}

/// Shorthand for [`Error::File`].
pub(crate) fn read_error(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |cause| Error::File {
        path: path.to_path_buf(),
        cause,
    }
}

/// Shorthand for [`Error::Write`].
#[cfg(any(test, feature = "npz", feature = "png"))]
pub(crate) fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |cause| Error::Write {
        path: path.to_path_buf(),
        cause,
    }
}

/// Text from outside as a message shows it: on one line, without what would move a terminal's
/// cursor, and cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    shortened(text, MOST_SHOWN)
}

/// The same, with `most` characters of it.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", one_line(&text[..end])),
        None => one_line(text),
    }
}

/// Text with its control characters written out (`\n`, `\u{1b}`).
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
        let reason = String::from("is no folder");
        let message = Error::Folder { path, reason }.to_string();
        assert_eq!(message, "a\\nb: is no folder");
    }

    #[test]
    fn only_a_failed_write_is_not_the_askers_fault() {
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        assert!(setting("here", "n", 0, "at least 1").is_input());
        assert!(read_error(Path::new("absent"))(gone()).is_input());
        assert!(!write_error(Path::new("full"))(gone()).is_input());
    }
}
