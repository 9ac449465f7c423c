//! The output folder: files that are whole or absent, locks that die with their process, and the
//! `done` mark that makes a run count.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
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
pub(crate) fn create_folder(path: &Path) -> Result<(), Error> {
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

/// The folder of one run, held by this process.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    _lock: File,
}

/// What taking a run's folder can find.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The run is this process's to do.
    Mine(RunFolder),
    /// It is done already.
    Done,
    /// Another process is at it.
    Held,
}

/// Takes the run's folder if nobody has it. The lock is the operating system's: it goes with the
/// process, however that ends.
pub(crate) fn claim(path: &Path) -> Result<Claim, Error> {
    if is_done(path) {
        return Ok(Claim::Done);
    }
    create_folder(path)?;
    let file = path.join(".lock");
    let error = |source| Error::File {
        path: file.clone(),
        source,
    };
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&file)
        .map_err(error)?;
    match lock.try_lock() {
        // It may have been finished between the look and the lock.
        Ok(()) if is_done(path) => Ok(Claim::Done),
        Ok(()) => Ok(Claim::Mine(RunFolder {
            path: path.to_path_buf(),
            _lock: lock,
        })),
        Err(TryLockError::WouldBlock) => Ok(Claim::Held),
        Err(TryLockError::Error(source)) => Err(error(source)),
    }
}

/// Whether the run in that folder is finished.
pub(crate) fn is_done(path: &Path) -> bool {
    path.join("done").is_file()
}

impl RunFolder {
    /// Writes one file of the run.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_atomic(&self.path.join(name), bytes)
    }

    /// Marks the run as finished: the last thing written, after everything else is on the disk.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let error = |source| Error::File {
            path: self.path.clone(),
            source,
        };
        // The names of the files must be on the disk before the mark is.
        sync_folder(&self.path).map_err(error)?;
        self.write("done", b"")?;
        sync_folder(&self.path).map_err(error)
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere folders cannot be opened as files; the file system orders its own renames.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
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
    fn a_run_is_claimed_once_and_done_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let Claim::Mine(mine) = claim(&path).unwrap() else {
            panic!("a new run is free")
        };
        assert!(matches!(claim(&path).unwrap(), Claim::Held));
        drop(mine);
        let Claim::Mine(mine) = claim(&path).unwrap() else {
            panic!("a dropped run is free")
        };
        mine.write("run.json", b"{}").unwrap();
        assert!(!is_done(&path));
        mine.finish().unwrap();
        assert!(matches!(claim(&path).unwrap(), Claim::Done));
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
