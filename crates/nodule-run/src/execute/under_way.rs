//! How far a run that is not done has come, by the checkpoint it left: for whoever watches.

use std::fs;
use std::time::Duration;

use nodule_study::{Output, RunSpec};
use nodule_train::{Epoch, read_history};

use super::training::CHECKPOINT;

/// A training on its way, as its last checkpoint has it.
#[derive(Debug, Clone, PartialEq)]
pub struct UnderWay {
    /// Epoch by epoch, the untrained network first.
    pub history: Vec<Epoch>,
    /// How long ago the checkpoint was written; none where the clocks disagree.
    pub age: Option<Duration>,
}

/// The run of `spec` in `output`, if it is begun, not done, and has a whole checkpoint. A checkpoint that
/// cannot be read is none: the run itself says so when it goes on.
#[must_use]
pub fn under_way(output: &Output, spec: &RunSpec) -> Option<UnderWay> {
    if output.is_done(spec) {
        return None;
    }
    let path = output.run_folder(&spec.id).join(CHECKPOINT);
    let history = read_history(&fs::read(&path).ok()?, &spec.settings.to_string()).ok()?;
    let written = fs::metadata(&path).and_then(|found| found.modified());
    Some(UnderWay {
        history,
        age: written.ok().and_then(|at| at.elapsed().ok()),
    })
}
