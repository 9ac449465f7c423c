//! Atomic writing of files, and reading with errors that name the file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

pub use nodule_error::{failed_to, read_file};
use serde::de::DeserializeOwned;

use crate::Error;
use crate::unique::{host, random_token};

/// Read-locked by every write in progress.
static WRITING: RwLock<()> = RwLock::new(());

/// Waits for this process's writes in progress and blocks new ones until the guard is dropped.
///
/// A process that is about to exit calls it, so that no temporary file is left behind.
#[must_use = "writes go on as soon as the guard is dropped"]
pub fn hold_writes() -> RwLockWriteGuard<'static, ()> {
    WRITING.write().unwrap_or_else(PoisonError::into_inner)
}

/// Writes `bytes` to `path` atomically: a reader finds the old file or the new one, never a part.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and the file is renamed.
///
/// ```
/// use nodule_study::files::write_atomic;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("table.csv");
/// write_atomic(&path, b"run,auroc\n")?;
/// assert_eq!(std::fs::read(&path)?, b"run,auroc\n");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the file cannot be written; the error names it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let _writing = WRITING.read().unwrap_or_else(PoisonError::into_inner);
    let temporary = temporary_path(path);
    write_and_sync(&temporary, bytes)
        .and_then(|_locked| fs::rename(&temporary, path))
        .map_err(|e| {
            // Best effort: the first error is the one to report.
            let _ = fs::remove_file(&temporary);
            failed_to("write", path)(e).into()
        })
}

/// Writes `bytes` to `path` unless the file exists. Returns whether this call created it.
///
/// If several processes call it, exactly one creates the file, and no reader finds a part.
///
/// # Errors
/// If the file cannot be written; the error names it.
pub(crate) fn write_exclusive(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let temporary = temporary_path(path);
    let result = write_and_sync(&temporary, bytes).and_then(|_locked| {
        match fs::hard_link(&temporary, path) {
            // On a file system without hard links a reader may find a part for a moment.
            Err(e) if e.kind() != ErrorKind::AlreadyExists => write_and_sync(path, bytes).map(drop),
            result => result,
        }
    });
    let _ = fs::remove_file(&temporary);
    match result {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(failed_to("write", path)(e).into()),
    }
}

/// Returns a path in the same folder that no other process uses.
fn temporary_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{}.tmp", host(), random_token()))
}

/// Creates a file, flushes it to the disk and returns it, locked until it is dropped.
fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = File::create_new(path)?;
    // The lock tells the removal of temporary files that this one is in use. Without locks, its age must do.
    let _ = file.try_lock();
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}

/// Creates a folder and its parents.
///
/// # Errors
/// [`Error::Folder`], naming the folder.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|e| {
        let reason = match path.ancestors().any(Path::is_file) {
            true => "is a file or lies below one; choose another --out".to_owned(),
            false => format!("cannot be created: {e}"),
        };
        Error::Folder {
            path: path.to_path_buf(),
            reason,
        }
    })
}

/// Reads a text file.
///
/// # Errors
/// If the file cannot be read; the error names it.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let text = read_file(path).and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
    Ok(text.map_err(failed_to("read", path))?)
}

/// Maximum size of a text file that the user names, in bytes.
const MAX_INPUT_BYTES: u64 = 64 << 20;

/// Reads a text file that the user names.
///
/// # Errors
/// [`Error::Syntax`] if it is not a regular file (a pipe or a device may never end), is larger than 64 MiB, cannot be
/// read or is not UTF-8.
pub fn read_input(path: &Path) -> Result<String, Error> {
    let error = |reason: String| Error::Syntax {
        place: path.to_string_lossy().into_owned(),
        reason,
    };
    let metadata = fs::metadata(path).map_err(|e| error(e.to_string()))?;
    if !metadata.is_file() {
        return Err(error("is not a regular file".into()));
    }
    let file = File::open(path).map_err(|e| error(e.to_string()))?;
    let mut bytes = Vec::new();
    // Not limited by the size in the metadata: the file may grow while it is read.
    file.take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| error(e.to_string()))?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(error("is larger than 64 MiB".into()));
    }
    String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        error(format!("is not UTF-8 text (byte {byte})"))
    })
}

/// Reads a file of a finished run.
///
/// # Errors
/// [`Error::Record`] if the file is missing; another error if it cannot be read.
pub(crate) fn read_run_file(path: &Path) -> Result<Vec<u8>, Error> {
    read_file(path).map_err(|e| run_file_error(path, e))
}

/// Returns the error for a file of a finished run that cannot be read. A missing file means that the run is broken; any
/// other reason tells nothing about the run.
pub(crate) fn run_file_error(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        ErrorKind::NotFound => broken_run_error(path, "is missing"),
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => {
            broken_run_error(path, "is not a file")
        }
        _ => failed_to("read", path)(source).into(),
    }
}

/// Parses a JSON file of a finished run.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|e| parse_error(path, &e))
}

/// Parses a CSV file of a finished run.
pub(crate) fn parse_csv_rows<T: DeserializeOwned>(
    bytes: &[u8],
    path: &Path,
) -> Result<Vec<T>, Error> {
    csv::Reader::from_reader(bytes)
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| parse_error(path, &e))
}

fn parse_error(path: &Path, error: &impl std::fmt::Display) -> Error {
    let error = nodule_error::describe_parse_error(&error.to_string());
    broken_run_error(path, &format!("cannot be parsed ({error})"))
}

/// Returns the error for a file of a finished run that changed after the run finished.
pub(crate) fn broken_run_error(path: &Path, reason: &str) -> Error {
    Error::Record {
        path: path.to_path_buf(),
        reason: format!("{reason}; `nodule study run` keeps it aside and repeats the run"),
    }
}

/// Flushes the names of a folder's files to the disk.
#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Does nothing: other systems cannot open folders as files, and their file systems order renames themselves.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_to_a_missing_folder_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent").join("table.csv");
        let message = write_atomic(&path, b"x").unwrap_err().to_string();
        assert!(message.contains("table.csv"), "{message}");
    }

    #[test]
    fn a_folder_below_a_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let message = create_folder(&file.join("out")).unwrap_err().to_string();
        assert!(message.contains("is a file or lies below one"), "{message}");
    }
}
