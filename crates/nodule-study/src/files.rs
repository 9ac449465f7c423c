//! Files that are whole or absent, and what is read back from them.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

/// Writes `bytes` to `path` so that a reader finds the old file or the new one, never a part:
/// into a temporary neighbour, flushed to the disk, then renamed.
///
/// # Errors
/// [`Error::File`], naming the file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.{serial}.tmp", std::process::id()));
    let written = write_and_sync(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        // Best effort: the error that matters is the one being reported.
        let _ = fs::remove_file(&temporary);
        Error::File {
            path: path.to_path_buf(),
            source,
        }
    })
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Creates a folder and those above it.
///
/// # Errors
/// [`Error::Folder`], naming the folder.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|e| {
        let reason = if path.is_file() || path.ancestors().any(Path::is_file) {
            "is a file, or lies below one: choose another --out".to_owned()
        } else {
            format!("cannot be created: {e}")
        };
        Error::Folder {
            path: path.to_path_buf(),
            reason,
        }
    })
}

/// Reads a file to a string.
///
/// # Errors
/// [`Error::File`], naming the file.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::InvalidData => broken(path, &"it is not UTF-8 text"),
        std::io::ErrorKind::NotFound => broken(path, &"there is no such file"),
        _ => Error::File {
            path: path.to_path_buf(),
            source,
        },
    })
}

/// Bytes of a text that a person wrote or names.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a text file that a person names: never without end.
///
/// # Errors
/// [`Error::Syntax`] if it is no regular file (a pipe or a device might never end), is larger than 64 MiB,
/// cannot be read or is not UTF-8.
pub(crate) fn read_input(path: &Path) -> Result<String, Error> {
    let refuse = |reason: String| Error::Syntax {
        place: path.to_string_lossy().into_owned(),
        reason,
    };
    let kind = fs::metadata(path).map_err(|e| refuse(e.to_string()))?;
    if !kind.is_file() {
        return Err(refuse("is not a file: must be a file, with an end".into()));
    }
    let file = File::open(path).map_err(|e| refuse(e.to_string()))?;
    let mut bytes = Vec::new();
    // The size that the system tells is not to be trusted: the file may grow.
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| refuse(e.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(refuse("is larger than 64 MiB: must be smaller".into()));
    }
    String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        refuse(format!("is not UTF-8 text (byte {byte}): must be text"))
    })
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    serde_json::from_str(&read_text(path)?).map_err(|e| broken(path, &e))
}

pub(crate) fn read_csv<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| broken(path, &e))?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| broken(path, &e))
}

fn broken(path: &Path, error: &impl std::fmt::Display) -> Error {
    let error = nodule_error::plain_words(&error.to_string());
    let reason = format!("cannot be read back ({error}); remove that run's folder to run it again");
    Error::Record {
        path: path.to_path_buf(),
        reason,
    }
}

#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere folders cannot be opened as files; the file system orders its own renames.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_into_nowhere_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent").join("table.csv");
        let message = write_atomic(&path, b"x").unwrap_err().to_string();
        assert!(message.contains("table.csv"), "{message}");
    }

    #[test]
    fn a_folder_below_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let message = create_folder(&file.join("out")).unwrap_err().to_string();
        assert!(
            message.contains("is a file, or lies below one"),
            "{message}"
        );
    }
}
