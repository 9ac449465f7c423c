//! Files that are whole or absent, and what is read back from them.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use crate::Error;

/// Held by every write while it is under way.
static WRITING: RwLock<()> = RwLock::new(());

/// Waits for the writes of this process that are under way, and lets no other begin while what it returns
/// lives: a process that is told to stop ends between two files, and leaves no temporary one.
#[must_use = "writes go on as soon as it is dropped"]
pub fn hold_writes() -> RwLockWriteGuard<'static, ()> {
    WRITING.write().unwrap_or_else(PoisonError::into_inner)
}

/// Writes `bytes` to `path` so that a reader finds the old file or the new one, never a part:
/// into a temporary neighbour, flushed to the disk, then renamed.
///
/// # Errors
/// [`Error::File`], naming the file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let _writing = WRITING.read().unwrap_or_else(PoisonError::into_inner);
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
    fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_path_buf(),
        source,
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
