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
///
/// ```
/// use nodule_run::{Models, read_run_progress};
/// use nodule_study::{load_study, open_output, plan};
///
/// let (folder, models) = (tempfile::tempdir()?, Models::default());
/// let study = load_study("smoke", models.registry())?;
/// let output = open_output(folder.path(), &study, models.registry())?;
/// assert_eq!(read_run_progress(&output, &plan(&study, "cpu")[0]), None); // it has not started
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
