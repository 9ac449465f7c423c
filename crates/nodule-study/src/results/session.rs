//! Work sessions: which processes work on a study, and when runs that failed are tried again.

use std::fs::{File, TryLockError};

use nodule_error::failed_to;

use super::failure::{clear_failure, failure_reason};
use super::file_lock::{is_unsupported, open_lock_file};
use super::output::Output;
use crate::Error;
use crate::plan::RunSpec;
use crate::records::FailedRun;

/// Shared lock that a process holds while it works on a study.
///
/// Failures are cleared only when no process holds it. On a file system without locks the session holds nothing, and
/// every start clears the failures.
#[derive(Debug)]
pub struct WorkSession {
    _lock: Option<File>,
}

impl Output {
    /// Returns the runs among `specs` that failed, with their reasons.
    #[must_use]
    pub fn failed_runs(&self, specs: &[RunSpec]) -> Vec<FailedRun> {
        let failed_run = |spec: &RunSpec| {
            Some(FailedRun {
                run: spec.id.clone(),
                train: spec.train.name().to_owned(),
                loss: spec.loss.name.clone(),
                seed: spec.seed,
                title: spec.title(),
                control: !spec.train.is_learnable(),
                reason: failure_reason(&self.run_folder(&spec.id))?,
            })
        };
        specs.iter().filter_map(failed_run).collect()
    }

    /// Starts to work on `specs`. Failures among them are cleared unless another process works on the study.
    ///
    /// # Errors
    /// If a failure cannot be cleared or the folder cannot be locked.
    pub fn start_session(&self, specs: &[RunSpec]) -> Result<WorkSession, Error> {
        let path = self.path().join(".working");
        let lock_error = failed_to("lock", &path);
        let file = open_lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => {
                self.clear_failures(specs)?;
                file.unlock().map_err(&lock_error)?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) if is_unsupported(&e) => {
                self.clear_failures(specs)?;
                return Ok(WorkSession { _lock: None });
            }
            Err(TryLockError::Error(e)) => return Err(lock_error(e).into()),
        }
        file.lock_shared().map_err(&lock_error)?;
        Ok(WorkSession { _lock: Some(file) })
    }

    fn clear_failures(&self, specs: &[RunSpec]) -> Result<(), Error> {
        specs
            .iter()
            .try_for_each(|spec| clear_failure(&self.run_folder(&spec.id)))
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
    fn only_a_session_that_starts_alone_clears_failures() {
        let registry = Registry::default();
        let smoke = load_study("smoke", &registry).unwrap();
        let specs = plan(&smoke, "cpu");
        let folder = tempfile::tempdir().unwrap();
        let output = open_output(&folder.path().join("out"), &smoke, &registry).unwrap();
        let failed_runs = || output.failed_runs(&specs);
        let first = output.start_session(&specs).unwrap();
        for spec in &specs[..2] {
            let path = output.run_folder(&spec.id);
            create_folder(&path).unwrap();
            fs::write(path.join("failed"), "diverged: the loss became NaN\n").unwrap();
        }
        assert_eq!(failed_runs()[0].title, specs[0].title());
        assert!(failed_runs()[0].has_diverged() && failed_runs()[0].reason.ends_with("NaN"));
        let second = output.start_session(&specs).unwrap();
        drop(first);
        let third = output.start_session(&specs).unwrap();
        assert_eq!(failed_runs().len(), 2, "the sessions overlap");
        drop((second, third));
        // A run that is done has not failed, even if an earlier attempt did.
        fs::write(output.run_folder(&specs[1].id).join("done"), b"").unwrap();
        assert_eq!(failed_runs().len(), 1);
        let _fourth = output.start_session(&specs).unwrap();
        assert!(failed_runs().is_empty());
        assert!(!output.run_folder(&specs[0].id).join("failed").exists());
    }
}
