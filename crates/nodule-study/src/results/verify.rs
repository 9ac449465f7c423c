//! Verification of a whole output folder: the study's own files and every run, to the last byte.

use std::fs;
use std::path::Path;

use serde::Serialize;

use nodule_error::failed_to;

use super::broken_run::is_broken_run_name;
use super::output::Output;
use super::run_state::{Depth, RunState};
use super::study_checksums::find_faults;
use crate::Error;
use crate::plan::RunSpec;

/// Result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Ids of planned runs that are complete.
    #[serde(rename = "whole")]
    pub complete: Vec<String>,
    /// Planned runs that finished and changed since.
    pub broken: Vec<BrokenRun>,
    /// Ids of planned runs that are not finished.
    pub unfinished: Vec<String>,
    /// Run folders that are not planned.
    #[serde(rename = "foreign")]
    pub unplanned: Vec<String>,
    /// Folders of broken runs that were kept when the runs were repeated.
    pub set_aside: Vec<String>,
    /// Faults of the study's own files.
    pub study: Vec<String>,
}

/// Run that finished and changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenRun {
    /// Id of the run.
    pub run: String,
    /// Title of the run.
    pub title: String,
    /// The file that changed, and the change.
    pub reason: String,
}

impl BrokenRun {
    /// Returns the broken run with the error that describes the change.
    #[must_use]
    pub fn new(spec: &RunSpec, error: &Error) -> Self {
        Self {
            run: spec.id.clone(),
            title: spec.title(),
            reason: error.to_string(),
        }
    }
}

impl Verification {
    /// Whether every planned run is complete and the study's own files are unchanged. Unplanned runs do not count.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.unfinished.is_empty() && self.study.is_empty()
    }

    /// Returns the fields and `is_whole` as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Lists of strings under string keys always serialize.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["is_whole"] = self.is_whole().into();
        format!("{value:#}")
    }
}

/// Verifies the output folder of a study that plans `specs`.
///
/// # Errors
/// If a file cannot be read.
pub fn verify(output: &Output, specs: &[RunSpec]) -> Result<Verification, Error> {
    let mut result = Verification {
        study: find_faults(output.path())?,
        ..Verification::default()
    };
    let states = output.run_states(specs, Depth::Everything)?;
    for (spec, state) in specs.iter().zip(states) {
        match state {
            RunState::Complete => result.complete.push(spec.id.clone()),
            RunState::Unfinished => result.unfinished.push(spec.id.clone()),
            RunState::Broken(error) => result.broken.push(BrokenRun::new(spec, &error)),
        }
    }
    for name in list_names(&output.path().join("runs"))? {
        if is_broken_run_name(&name) {
            result.set_aside.push(name);
        } else if !specs.iter().any(|spec| spec.id == name) {
            result.unplanned.push(name);
        }
    }
    Ok(result)
}

/// Returns the names in a folder, sorted, without hidden ones. A missing folder has none.
pub(super) fn list_names(folder: &Path) -> Result<Vec<String>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed_to("read", folder))? {
        let entry = entry.map_err(failed_to("read", folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    Ok(names)
}
