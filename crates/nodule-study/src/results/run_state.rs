//! State of a run folder: unfinished, complete or broken.

use std::fs;
use std::path::Path;

use super::mark::{FileDigest, MARK, Mark};
use crate::Error;
use crate::files::{broken_run_error, parse_csv_rows, parse_json, read_run_file, run_file_error};
use crate::plan::run_id;
use crate::records::{FinishedRun, RunRecord};

/// Records, the files of a run that reports read. All other files are only checked.
const RECORDS: [&str; 3] = ["run.json", "history.csv", "evaluation.json"];

/// How much of a run is read to check it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Hashes of the records (`run.json`, `history.csv`, `evaluation.json`; a twentieth of a run's bytes) and sizes of
    /// the other files. Enough to show the progress of a study.
    Records,
    /// Hashes of all files. Needed before a number is reported or a run is skipped. The 300 runs of the study `paper`
    /// are 1 GB, which takes 1.2 s on one core with SHA instructions.
    Everything,
}

/// State of a run folder.
#[derive(Debug)]
pub enum RunState {
    /// The mark `done` is missing.
    Unfinished,
    /// All files are as they were when the run finished.
    Complete,
    /// A file changed after the run finished. [`Error::Record`] names the file and the change.
    Broken(Error),
}

impl RunState {
    /// Whether the run is complete, so that its numbers count.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete)
    }
}

/// Whether the run in `folder` is finished, complete or not.
#[must_use]
pub fn is_done(folder: &Path) -> bool {
    folder.join(MARK).is_file()
}

/// Returns the state of the run in `folder`, whose name is the run's id.
///
/// # Errors
/// If a file cannot be read; that tells nothing about the run.
pub fn run_state(folder: &Path, depth: Depth) -> Result<RunState, Error> {
    if !is_done(folder) {
        return Ok(RunState::Unfinished);
    }
    match read_records(folder, depth) {
        Ok(_) => Ok(RunState::Complete),
        Err(e @ Error::Record { .. }) => Ok(RunState::Broken(e)),
        Err(e) => Err(e),
    }
}

/// Reads the finished run in `folder` and checks all of its files.
///
/// # Errors
/// [`Error::Record`] if the run is broken; another error if a file cannot be read.
pub(super) fn read_finished_run(folder: &Path) -> Result<FinishedRun, Error> {
    let records = read_records(folder, Depth::Everything)?;
    Ok(FinishedRun {
        record: records.record,
        history: parse_csv_rows(&records.history, &folder.join("history.csv"))?,
        evaluation: parse_json(&records.evaluation, &folder.join("evaluation.json"))?,
    })
}

/// Records of a run, checked against its mark. Each file is read once.
struct Records {
    record: RunRecord,
    history: Vec<u8>,
    evaluation: Vec<u8>,
}

fn read_records(folder: &Path, depth: Depth) -> Result<Records, Error> {
    let mark = Mark::read(folder)?;
    let read = |name: &str| {
        let path = folder.join(name);
        let bytes = read_run_file(&path)?;
        mark.files[name].check(&FileDigest::from_bytes(&bytes), &path)?;
        Ok::<_, Error>(bytes)
    };
    let [record, history, evaluation] = RECORDS.map(read);
    let record: RunRecord = parse_json(&record?, &folder.join("run.json"))?;
    let (history, evaluation) = (history?, evaluation?);
    check_ids(folder, &mark, &record)?;
    for (name, digest) in &mark.files {
        if !RECORDS.contains(&name.as_str()) {
            check_file(&folder.join(name), digest, depth)?;
        }
    }
    Ok(Records {
        record,
        history,
        evaluation,
    })
}

fn check_file(path: &Path, digest: &FileDigest, depth: Depth) -> Result<(), Error> {
    let metadata = fs::metadata(path).map_err(|e| run_file_error(path, e))?;
    digest.check_size(metadata.len(), path)?;
    match depth {
        Depth::Records => Ok(()),
        Depth::Everything => {
            let current = FileDigest::from_file(path).map_err(|e| run_file_error(path, e))?;
            digest.check(&current, path)
        }
    }
}

/// Checks that the folder's name, the mark, the record and the hash of its settings belong to one run.
fn check_ids(folder: &Path, mark: &Mark, record: &RunRecord) -> Result<(), Error> {
    let absolute = folder
        .canonicalize()
        .map_err(|e| run_file_error(folder, e))?;
    let name = absolute.file_name().unwrap_or_default().to_string_lossy();
    let settings_id = run_id(&record.settings);
    let (file, reason) = if record.run != settings_id {
        let reason = format!(
            "belongs to run {}, but its settings are those of {settings_id}",
            record.run
        );
        ("run.json", reason)
    } else if record.run != name {
        let reason = format!("belongs to run {}, but its folder is {name}", record.run);
        ("run.json", reason)
    } else if mark.run != record.run {
        (MARK, format!("belongs to run {}", mark.run))
    } else {
        return Ok(());
    };
    Err(broken_run_error(&folder.join(file), &reason))
}
