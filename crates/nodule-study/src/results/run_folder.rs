//! The folder of one run: a lock that dies with its process, the `done` mark that makes a run count, and
//! the reason of one that `failed`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::files::{create_folder, sync_folder, write_atomic};

/// The folder of one run, held by this process.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    _lock: File,
}

/// What taking a run's folder can find.
#[derive(Debug)]
pub enum Claim {
    /// The run is this process's to do.
    Mine(RunFolder),
    /// It is done already.
    Done,
    /// Another process is at it.
    Held,
    /// It was tried and failed, for this reason.
    Failed(String),
}

/// The file that keeps the reason.
const FAILED: &str = "failed";

/// Takes the run's folder if nobody has it. The lock is the operating system's: it goes with the
/// process, however that ends.
///
/// # Errors
/// [`Error::Folder`] or [`Error::File`] if the folder cannot be made or locked.
pub fn claim(path: &Path) -> Result<Claim, Error> {
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
        Ok(()) => Ok(match failure(path) {
            Some(reason) => Claim::Failed(reason),
            None => Claim::Mine(RunFolder {
                path: path.to_path_buf(),
                _lock: lock,
            }),
        }),
        Err(TryLockError::WouldBlock) => Ok(Claim::Held),
        Err(TryLockError::Error(source)) => Err(error(source)),
    }
}

/// Whether the run in that folder is finished.
#[must_use]
pub fn is_done(path: &Path) -> bool {
    path.join("done").is_file()
}

/// Why the run in that folder failed, in one line; none where it is done, or was not tried to its end.
#[must_use]
pub fn failure(path: &Path) -> Option<String> {
    let reason = std::fs::read_to_string(path.join(FAILED)).ok()?;
    (!is_done(path)).then(|| reason.trim().to_owned())
}

/// Forgets that the run in that folder failed: it can be taken again.
///
/// # Errors
/// [`Error::File`] if the reason is there and cannot be removed.
pub(super) fn forget_failure(path: &Path) -> Result<(), Error> {
    let path = path.join(FAILED);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::File { path, source }),
        _ => Ok(()),
    }
}

impl RunFolder {
    /// Writes one file of the run.
    ///
    /// # Errors
    /// [`Error::File`], naming the file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_atomic(&self.path.join(name), bytes)
    }

    /// Keeps why the run failed, for whoever looks at its folder next.
    ///
    /// # Errors
    /// [`Error::File`], naming the file.
    pub fn fail(&self, error: &Error) -> Result<(), Error> {
        self.write(FAILED, format!("{}\n", error.reason()).as_bytes())
    }

    /// Marks the run as finished: the last thing written, after everything else is on the disk.
    ///
    /// # Errors
    /// [`Error::File`], naming the folder.
    pub fn finish(self) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        mine.fail(&Error::made("a\nrun", "it is a test")).unwrap();
        drop(mine);
        let reason = "a run cannot be made: it is a test";
        assert!(matches!(claim(&path).unwrap(), Claim::Failed(found) if found == reason));
        forget_failure(&path).unwrap();
        forget_failure(&path).unwrap();
        let Claim::Mine(mine) = claim(&path).unwrap() else {
            panic!("a run whose failure is forgotten is free")
        };
        mine.write("run.json", b"{}").unwrap();
        assert!(!is_done(&path));
        mine.finish().unwrap();
        assert!(matches!(claim(&path).unwrap(), Claim::Done));
    }
}
