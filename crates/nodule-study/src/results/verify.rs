//! A whole folder, looked through: the study, what it names, and every run of it to the last byte.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::aside::is_aside;
use super::check::{Depth, RunState};
use super::study_folder::Output;
use super::study_mark::study_faults;
use crate::Error;
use crate::files::file_error;
use crate::plan::RunSpec;

/// What is found in the folder of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Planned runs that are as they were when they finished, by id.
    pub whole: Vec<String>,
    /// Planned runs that finished before files were listed: their records can be read, no more is known.
    pub unlisted: Vec<String>,
    /// Planned runs that finished and are not whole.
    pub broken: Vec<BrokenRun>,
    /// Planned runs that are not finished, by id.
    pub unfinished: Vec<String>,
    /// Folders of runs that are not planned.
    pub foreign: Vec<String>,
    /// Folders of runs that were found broken and kept when they were made again.
    pub set_aside: Vec<String>,
    /// What is wrong with the study's own files.
    pub study: Vec<String>,
}

/// A run that finished and is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenRun {
    /// Its id.
    pub run: String,
    /// What it is, for people.
    pub title: String,
    /// Which file, and what is wrong with it.
    pub reason: String,
}

impl BrokenRun {
    /// That run, with what was found.
    #[must_use]
    pub fn new(spec: &RunSpec, why: &Error) -> Self {
        Self {
            run: spec.id.clone(),
            title: spec.title(),
            reason: why.to_string(),
        }
    }
}

impl Verification {
    /// Whether every planned run is there and nothing is broken. Runs that nobody planned do not count.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.unfinished.is_empty() && self.study.is_empty()
    }

    /// All of it as a JSON object: its fields, and `is_whole`.
    #[must_use]
    pub fn json(&self) -> String {
        // Lists of strings under string keys: nothing in them can fail to become JSON.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["is_whole"] = self.is_whole().into();
        format!("{value:#}")
    }
}

/// Looks through the folder of a study that plans `specs`.
///
/// # Errors
/// [`Error::File`] if the system refuses to read something.
pub fn verify(output: &Output, specs: &[RunSpec]) -> Result<Verification, Error> {
    let mut found = Verification {
        whole: Vec::new(),
        unlisted: Vec::new(),
        broken: Vec::new(),
        unfinished: Vec::new(),
        foreign: Vec::new(),
        set_aside: Vec::new(),
        study: study_faults(output.path())?,
    };
    let states = output.states(specs, Depth::Everything)?;
    for (spec, state) in specs.iter().zip(states) {
        match state {
            RunState::Whole => found.whole.push(spec.id.clone()),
            RunState::Unlisted => found.unlisted.push(spec.id.clone()),
            RunState::Unfinished => found.unfinished.push(spec.id.clone()),
            RunState::Broken(why) => found.broken.push(BrokenRun::new(spec, &why)),
        }
    }
    for name in names(&output.path().join("runs"))? {
        if is_aside(&name) {
            found.set_aside.push(name);
        } else if !specs.iter().any(|spec| spec.id == name) {
            found.foreign.push(name);
        }
    }
    Ok(found)
}

/// Names in a folder, sorted, without hidden ones; none if there is no such folder.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| file_error(folder, e))? {
        let entry = entry.map_err(|e| file_error(folder, e))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    Ok(names)
}
