//! Files that are whole or absent, and what is read back from them.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use serde::de::DeserializeOwned;

use crate::Error;
use crate::unique::{host, random_token};

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
    let _writing = WRITING.read().unwrap_or_else(PoisonError::into_inner);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(temporary_name(&name));
    let written = write_and_sync(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        // Best effort: the error that matters is the one being reported.
        let _ = fs::remove_file(&temporary);
        file_error(path, source)
    })
}

/// The name of a neighbour of `name` that no other process makes.
fn temporary_name(name: &str) -> String {
    format!(".{name}.{}-{}.tmp", host(), random_token())
}

/// Writes a file that is not there yet and flushes it to the disk.
fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    // Whoever cleans up sees by the lock that somebody is at it. Where there are no locks, age must do.
    let _ = file.try_lock();
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes `bytes` to `path` unless there is such a file: of several processes exactly one succeeds, and
/// nobody ever sees a part. Says whether it was this one.
///
/// # Errors
/// [`Error::File`], naming the file.
pub(crate) fn write_exclusive(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(temporary_name(&name));
    let written = write_and_sync(&temporary, bytes).and_then(|()| {
        match fs::hard_link(&temporary, path) {
            // Not every file system has links; then a reader may see a part for a moment.
            Err(e) if e.kind() != ErrorKind::AlreadyExists => write_and_sync(path, bytes),
            linked => linked,
        }
    });
    let _ = fs::remove_file(&temporary);
    match written {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(file_error(path, e)),
    }
}

/// An error of the system about that file.
pub(crate) fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.to_path_buf(),
        source,
    }
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
    fs::read_to_string(path).map_err(|e| file_error(path, e))
}

/// Bytes of a text that a person wrote or names.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a text file that a person names: never without end.
///
/// # Errors
/// [`Error::Syntax`] if it is no regular file (a pipe or a device might never end), is larger than 64 MiB,
/// cannot be read or is not UTF-8.
pub fn read_input(path: &Path) -> Result<String, Error> {
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

/// The contents of a file of a finished run.
///
/// # Errors
/// [`Error::Record`] if it is not there; [`Error::File`] if the system refuses to read it.
pub(crate) fn read_part(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| fault_of(path, e))
}

/// A file of a finished run that cannot be read: missing is the run's fault, anything else the system's.
pub(crate) fn fault_of(path: &Path, source: std::io::Error) -> Error {
    match source.kind() {
        ErrorKind::NotFound => broken(path, "is missing"),
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => broken(path, "is no file"),
        _ => file_error(path, source),
    }
}

pub(crate) fn json_value<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|e| unreadable(path, &e))
}

pub(crate) fn csv_rows<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<Vec<T>, Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.deserialize().collect::<Result<_, _>>();
    rows.map_err(|e| unreadable(path, &e))
}

fn unreadable(path: &Path, error: &impl std::fmt::Display) -> Error {
    let error = nodule_error::describe_parse_error(&error.to_string());
    broken(path, &format!("cannot be read back ({error})"))
}

/// A file of a finished run that is not as the run left it.
pub(crate) fn broken(path: &Path, reason: &str) -> Error {
    let mend = "`nodule study run` keeps it aside and makes the run again";
    Error::Record {
        path: path.to_path_buf(),
        reason: format!("{reason}; {mend}"),
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
