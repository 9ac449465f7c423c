//! The folder of one run that this process holds, and the `done` mark that makes the run count.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::failure::FAILED;
use super::lease::Lease;
use super::mark::{Listed, MARK, Mark, RUN_FILES};
use crate::Error;
use crate::files::{file_error, sync_folder, write_atomic};

/// The folder of one run, held by this process.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// What was written, by name.
    written: Mutex<BTreeMap<String, Listed>>,
    broken: Option<Box<(PathBuf, Error)>>,
    // Dropped in this order: whoever gets the lock finds the claim given back.
    lease: Lease,
    _lock: Option<File>,
}

impl RunFolder {
    /// The folder at `path`, held by a claim and, where there are locks, a lock.
    pub(super) fn new(
        path: &Path,
        lock: Option<File>,
        lease: Lease,
        broken: Option<(PathBuf, Error)>,
    ) -> Self {
        Self {
            path: path.to_path_buf(),
            written: Mutex::default(),
            broken: broken.map(Box::new),
            lease,
            _lock: lock,
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The finished run that was in the folder and was not whole: where it is now, and what was wrong.
    #[must_use]
    pub fn set_aside(&self) -> Option<(&Path, &Error)> {
        self.broken
            .as_ref()
            .map(|found| (found.0.as_path(), &found.1))
    }

    /// Writes one file of the run.
    ///
    /// # Errors
    /// [`Error::File`], naming the file; or if another process took the run over, because this one
    /// had not moved for too long.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        if self.lease.is_lost() {
            let reason = "another process took the run over, this one had stood still for too long";
            return Err(Error::made(self.path.join(name).to_string_lossy(), reason));
        }
        write_atomic(&self.path.join(name), bytes)?;
        let mut written = self
            .written
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        written.insert(name.to_owned(), Listed::of(bytes));
        Ok(())
    }

    /// Keeps why the run failed, for whoever looks at its folder next.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn fail(&self, error: &Error) -> Result<(), Error> {
        self.write(FAILED, format!("{}\n", error.reason()).as_bytes())
    }

    /// Marks the run as finished: the last thing written, after everything else is on the disk. The mark
    /// `done` lists the run's files with their sizes and SHA-256.
    ///
    /// # Errors
    /// [`Error::File`], naming the folder, or one of the files of every run that is not there.
    pub fn finish(self) -> Result<(), Error> {
        // The names of the files must be on the disk before the mark is.
        sync_folder(&self.path).map_err(|e| file_error(&self.path, e))?;
        self.write(MARK, &self.mark()?.text())?;
        sync_folder(&self.path).map_err(|e| file_error(&self.path, e))?;
        self.lease.remove_all();
        Ok(())
    }

    /// The files of every run, as they were written. What a killed process wrote before is taken as it is.
    fn mark(&self) -> Result<Mark, Error> {
        let name = self.path.file_name().unwrap_or_default();
        let written = self
            .written
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut files = written.clone();
        // A checkpoint is there until the mark is, and no longer: it is no file of a finished run.
        files.retain(|name, _| RUN_FILES.contains(&name.as_str()));
        for name in RUN_FILES
            .iter()
            .filter(|name| !written.contains_key(**name))
        {
            let path = self.path.join(name);
            let listed = Listed::of_file(&path).map_err(|e| file_error(&path, e))?;
            files.insert((*name).to_owned(), listed);
        }
        Ok(Mark {
            run: name.to_string_lossy().into_owned(),
            files,
        })
    }
}
