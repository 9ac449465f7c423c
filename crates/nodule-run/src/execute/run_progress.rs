//! Progress of an unfinished run, read from its checkpoint. Used by `nodule study watch`.

use std::fs;
use std::time::Duration;

use nodule_error::read_file;
use nodule_study::{Output, RunSpec};
use nodule_train::{Epoch, read_history};

use super::CHECKPOINT_FILE;

/// Progress of an unfinished run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunProgress {
    /// History so far, the untrained network first.
    pub history: Vec<Epoch>,
    /// Age of the checkpoint; `None` if its time lies in the future.
    pub age: Option<Duration>,
}

/// Reads the progress of a run. `None` if the run is finished or has no valid checkpoint.
#[must_use]
pub fn read_run_progress(output: &Output, spec: &RunSpec) -> Option<RunProgress> {
    if output.is_done(spec) {
        return None;
    }
    let path = output.run_folder(&spec.id).join(CHECKPOINT_FILE);
    let history = read_history(&read_file(&path).ok()?, &spec.settings.to_string()).ok()?;
    let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
    Some(RunProgress {
        history,
        age: modified.ok().and_then(|time| time.elapsed().ok()),
    })
}
