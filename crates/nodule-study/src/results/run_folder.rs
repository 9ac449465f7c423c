//! Folder of one run that this process holds.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nodule_error::failed_to;

use super::claim_file::ClaimFile;
use super::failure::FAILED;
use super::mark::{FileDigest, MARK, Mark, RUN_FILES};
use crate::Error;
use crate::files::{sync_folder, write_atomic};
use crate::text::one_line;

/// Folder of one run, held by this process until it is dropped.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Digests of the files that this process wrote, by name.
    written: Mutex<BTreeMap<String, FileDigest>>,
    broken_run: Option<Box<(PathBuf, Error)>>,
    // Fields drop in this order: the claim is released before another process can get the lock.
    claim: ClaimFile,
    _lock: Option<File>,
}

impl RunFolder {
    /// Returns the folder at `path`, held by `claim` and, where the file system has locks, by `lock`.
    pub(super) fn new(
        path: &Path,
        lock: Option<File>,
        claim: ClaimFile,
        broken_run: Option<(PathBuf, Error)>,
    ) -> Self {
        Self {
            path: path.to_path_buf(),
            written: Mutex::default(),
            broken_run: broken_run.map(Box::new),
            claim,
            _lock: lock,
        }
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The broken run that this folder held: its new path, and what was wrong.
    #[must_use]
    pub fn broken_run(&self) -> Option<(&Path, &Error)> {
        let (path, error) = self.broken_run.as_deref()?;
        Some((path, error))
    }

    /// Writes one file of the run.
    ///
    /// # Errors
    /// If the file cannot be written, or another process took the run over because this one was suspended for too long.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        if self.claim.is_lost() {
            let reason =
                "another process took the run over because this one was suspended for too long";
            return Err(Error::cannot_make(
                self.path.join(name).to_string_lossy(),
                reason,
            ));
        }
        write_atomic(&self.path.join(name), bytes)?;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(name.to_owned(), FileDigest::from_bytes(bytes));
        Ok(())
    }

    /// Writes why the run failed; see [`super::failure_reason`].
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn fail(&self, reason: &str) -> Result<(), Error> {
        self.write(FAILED, format!("{}\n", one_line(reason)).as_bytes())
    }

    /// Marks the run as finished and releases it.
    ///
    /// The mark `done` lists the run's files with size and SHA-256. It is written last, after all files are on the disk.
    ///
    /// # Errors
    /// If a file of the run is missing or the mark cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        // The names of the files must be on the disk before the mark is.
        sync_folder(&self.path).map_err(failed_to("flush", &self.path))?;
        self.write(MARK, &self.create_mark()?.to_bytes())?;
        sync_folder(&self.path).map_err(failed_to("flush", &self.path))?;
        self.claim.remove_all();
        Ok(())
    }

    /// Returns the mark. Files that an earlier, killed process wrote are hashed as they are; a checkpoint is not listed,
    /// because it is removed when the run is finished.
    fn create_mark(&self) -> Result<Mark, Error> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = BTreeMap::new();
        for name in RUN_FILES {
            let digest = match written.get(name) {
                Some(digest) => digest.clone(),
                None => {
                    let path = self.path.join(name);
                    FileDigest::from_file(&path).map_err(failed_to("read", &path))?
                }
            };
            files.insert(name.to_owned(), digest);
        }
        let run = self.path.file_name().unwrap_or_default();
        Ok(Mark {
            run: run.to_string_lossy().into_owned(),
            files,
        })
    }
}
