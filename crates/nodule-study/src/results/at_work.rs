//! Who works on a study, and what that means for the runs that failed: a new start tries them again, a
//! process that joins others does not repeat what they found.

use std::fs::{File, OpenOptions, TryLockError};

use super::claims::is_unsupported;
use super::failure::{failure, forget_failure};
use super::study_folder::Output;
use crate::Error;
use crate::files::file_error;
use crate::plan::RunSpec;
use crate::records::FailedRun;

/// Held while a process works on a study: as long as any does, what failed stays failed. Where the file
/// system has no locks it holds nothing, and every start tries again what failed.
#[derive(Debug)]
pub struct AtWork {
    _lock: Option<File>,
}

impl Output {
    /// Those of `specs` that failed, and why.
    #[must_use]
    pub fn failed(&self, specs: &[RunSpec]) -> Vec<FailedRun> {
        let failed = specs.iter().filter_map(|spec| {
            Some(FailedRun {
                run: spec.id.clone(),
                train: spec.train.name().to_owned(),
                loss: spec.loss.name.clone(),
                seed: spec.seed,
                title: spec.title(),
                control: !spec.train.learnable(),
                reason: failure(&self.run_folder(&spec.id))?,
            })
        });
        failed.collect()
    }

    /// Begins to work on `specs`. Where no other process does, those that failed are free to be tried
    /// again.
    ///
    /// # Errors
    /// [`Error::File`] if a reason that is there cannot be removed, or the folder cannot be locked.
    pub fn begin(&self, specs: &[RunSpec]) -> Result<AtWork, Error> {
        let path = self.path().join(".working");
        let error = |e| file_error(&path, e);
        let mut open = OpenOptions::new();
        let file = open.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(error)?;
        match file.try_lock() {
            Ok(()) => {
                self.forget_failures(specs)?;
                file.unlock().map_err(error)?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) if is_unsupported(&e) => {
                self.forget_failures(specs)?;
                return Ok(AtWork { _lock: None });
            }
            Err(TryLockError::Error(e)) => return Err(error(e)),
        }
        file.lock_shared().map_err(error)?;
        Ok(AtWork { _lock: Some(file) })
    }

    fn forget_failures(&self, specs: &[RunSpec]) -> Result<(), Error> {
        let mut folders = specs.iter().map(|spec| self.run_folder(&spec.id));
        folders.try_for_each(|folder| forget_failure(&folder))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::files::create_folder;
    use crate::plan::plan;
    use crate::results::open_output;
    use crate::settings::{Registry, load_study};

    #[test]
    fn a_new_start_clears_failures_and_one_that_joins_others_does_not() {
        let registry = Registry::default();
        let smoke = load_study("smoke", &registry).unwrap();
        let specs = plan(&smoke, "cpu");
        let folder = tempfile::tempdir().unwrap();
        let output = open_output(&folder.path().join("out"), &smoke, &registry).unwrap();
        let failed = || output.failed(&specs);
        let first = output.begin(&specs).unwrap();
        for spec in &specs[..2] {
            let path = output.run_folder(&spec.id);
            create_folder(&path).unwrap();
            fs::write(path.join("failed"), "diverged: the loss became NaN\n").unwrap();
        }
        assert_eq!(failed()[0].title, specs[0].title());
        assert!(failed()[0].has_diverged() && failed()[0].reason.ends_with("NaN"));
        let second = output.begin(&specs).unwrap();
        drop(first);
        let third = output.begin(&specs).unwrap();
        assert_eq!(failed().len(), 2, "there was always one at work");
        drop((second, third));
        // What is done has not failed, whatever was tried before.
        fs::write(output.run_folder(&specs[1].id).join("done"), b"").unwrap();
        assert_eq!(failed().len(), 1);
        let _fourth = output.begin(&specs).unwrap();
        assert!(failed().is_empty());
        assert!(!output.run_folder(&specs[0].id).join("failed").exists());
    }
}
