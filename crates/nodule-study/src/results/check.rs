//! Is a run whole? Its files against its mark, and its ids against each other.

use std::path::Path;

use super::mark::{Listed, MARK, Mark, RUN_FILES};
use crate::Error;
use crate::files::{broken, csv_rows, fault_of, json_value, read_part};
use crate::plan::id;
use crate::records::{FinishedRun, RunRecord};

/// How much of a run is read to say whether it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The hashes of the records (`run.json`, `history.csv`, `evaluation.json`), a twentieth of a run's bytes,
    /// and the sizes of the rest: enough to look at a study while it runs.
    Records,
    /// The hashes of all files: before a number is shown, and before a run is skipped for good. The 300 runs
    /// of the study `paper` are 1 GB; hashing it takes 1.2 s of one core with SHA instructions.
    Everything,
}

/// What is found in the folder of a run.
#[derive(Debug)]
pub enum RunState {
    /// No mark `done`, or nothing at all.
    Unfinished,
    /// As it was when it finished.
    Whole,
    /// Finished by a version whose mark listed no files. What can be told without the list was looked at:
    /// its ids agree and its records can be read.
    Unlisted,
    /// Finished once, and changed since: an [`Error::Record`] that names the file and what is wrong with it.
    Broken(Error),
}

impl RunState {
    /// Whether its numbers count.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Self::Whole | Self::Unlisted)
    }
}

/// Whether the run in that folder is finished, whole or not.
#[must_use]
pub fn is_done(path: &Path) -> bool {
    path.join(MARK).is_file()
}

/// What is found in that run's folder, whose name is the run's id.
///
/// # Errors
/// [`Error::File`] if the system refuses to read it: that says nothing of the run.
pub fn run_state(folder: &Path, depth: Depth) -> Result<RunState, Error> {
    if !is_done(folder) {
        return Ok(RunState::Unfinished);
    }
    let looked = finished_files(folder, depth).and_then(|files| {
        let listed = files.listed;
        // Without a list only reading shows whether the records are whole.
        if !listed {
            files.parse(folder)?;
        }
        Ok(listed)
    });
    match looked {
        Ok(true) => Ok(RunState::Whole),
        Ok(false) => Ok(RunState::Unlisted),
        Err(e @ Error::Record { .. }) => Ok(RunState::Broken(e)),
        Err(e) => Err(e),
    }
}

/// The run in that folder, read once and held against its mark as it is read. It must be finished.
///
/// # Errors
/// [`Error::Record`] if it is not whole; [`Error::File`] if the system refuses to read it.
pub(super) fn read_whole(folder: &Path) -> Result<FinishedRun, Error> {
    finished_files(folder, Depth::Everything)?.parse(folder)
}

/// What a report reads of a run.
struct Files {
    listed: bool,
    record: RunRecord,
    history: Vec<u8>,
    evaluation: Vec<u8>,
}

impl Files {
    fn parse(self, folder: &Path) -> Result<FinishedRun, Error> {
        Ok(FinishedRun {
            record: self.record,
            history: csv_rows(&self.history, &folder.join("history.csv"))?,
            evaluation: json_value(&self.evaluation, &folder.join("evaluation.json"))?,
        })
    }
}

fn finished_files(folder: &Path, depth: Depth) -> Result<Files, Error> {
    let mark = Mark::read(folder)?;
    let listed = |name: &str| mark.as_ref().and_then(|mark| mark.files.get(name));
    let read = |name: &str| {
        let path = folder.join(name);
        let bytes = read_part(&path)?;
        match listed(name) {
            Some(listed) => listed.same(&Listed::of(&bytes), &path)?,
            None if bytes.is_empty() => return Err(broken(&path, "is empty")),
            None => {}
        }
        Ok(bytes)
    };
    let (record, history) = (read("run.json")?, read("history.csv")?);
    let evaluation = read("evaluation.json")?;
    let record: RunRecord = json_value(&record, &folder.join("run.json"))?;
    ids_agree(folder, mark.as_ref(), &record)?;
    let named = mark.iter().flat_map(|mark| mark.files.keys());
    let names = RUN_FILES.into_iter().chain(named.map(String::as_str));
    let read_already = ["run.json", "history.csv", "evaluation.json"];
    for name in names.filter(|name| !read_already.contains(name)) {
        check(&folder.join(name), listed(name), depth)?;
    }
    Ok(Files {
        listed: mark.is_some(),
        record,
        history,
        evaluation,
    })
}

/// A file that a report does not read.
fn check(path: &Path, listed: Option<&Listed>, depth: Depth) -> Result<(), Error> {
    let bytes = std::fs::metadata(path)
        .map_err(|e| fault_of(path, e))?
        .len();
    match listed {
        None if bytes == 0 => Err(broken(path, "is empty")),
        None => Ok(()),
        Some(listed) if depth == Depth::Records => listed.same_size(bytes, path),
        Some(listed) => {
            listed.same_size(bytes, path)?;
            let now = Listed::of_file(path).map_err(|e| fault_of(path, e))?;
            listed.same(&now, path)
        }
    }
}

/// The folder's name, the mark, the record and the hash of its settings are of one run.
fn ids_agree(folder: &Path, mark: Option<&Mark>, record: &RunRecord) -> Result<(), Error> {
    let whole = folder.canonicalize().map_err(|e| fault_of(folder, e))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let place = folder.join("run.json");
    let settings = id(&record.settings);
    if record.run != settings {
        let reason = format!(
            "is of run {}, but its settings are those of {settings}",
            record.run
        );
        return Err(broken(&place, &reason));
    }
    if record.run != name {
        let reason = format!("is of run {}, but its folder is called {name}", record.run);
        return Err(broken(&place, &reason));
    }
    match mark {
        Some(mark) if mark.run != record.run => {
            let reason = format!("is the mark of run {}", mark.run);
            Err(broken(&folder.join(MARK), &reason))
        }
        // A run whose mark lists files says so in its record.
        None if record.versions.mark > 0 => Err(broken(&folder.join(MARK), "is empty")),
        _ => Ok(()),
    }
}
