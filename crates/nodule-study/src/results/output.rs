//! Output folder of a study: where its runs are and what they hold.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use super::broken_run::is_broken_run_name;
use super::run_state::{Depth, RunState, is_done, read_finished_run, run_state};
use super::verify::list_names;
use crate::Error;
use crate::files::{parse_json, read_run_file};
use crate::plan::RunSpec;
use crate::records::{FinishedRun, RunRecord};
use crate::settings::Resolved;

/// Output folder of one study.
#[derive(Debug, Clone)]
pub struct Output {
    path: PathBuf,
}

impl Output {
    /// Returns the output folder at `path`, which need not exist. Use it to read; [`super::open_output`] prepares a
    /// folder for writing.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of one run's folder.
    #[must_use]
    pub fn run_folder(&self, id: &str) -> PathBuf {
        self.path.join("runs").join(id)
    }

    /// Whether the run is finished, complete or not.
    #[must_use]
    pub fn is_done(&self, spec: &RunSpec) -> bool {
        is_done(&self.run_folder(&spec.id))
    }

    /// Returns the state of one run.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn run_state(&self, spec: &RunSpec, depth: Depth) -> Result<RunState, Error> {
        run_state(&self.run_folder(&spec.id), depth)
    }

    /// Returns the states of several runs, in their order, on all cores.
    ///
    /// # Errors
    /// As [`Output::run_state`].
    pub fn run_states(&self, specs: &[RunSpec], depth: Depth) -> Result<Vec<RunState>, Error> {
        map_parallel(specs, |spec| self.run_state(spec, depth))
    }

    /// Returns the ids of finished runs that are not among `specs`: runs of another version, device or study.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn unplanned_runs(&self, specs: &[RunSpec]) -> Result<Vec<String>, Error> {
        let mut names = list_names(&self.path.join("runs"))?;
        names.retain(|name| {
            !is_broken_run_name(name)
                && is_done(&self.run_folder(name))
                && !specs.iter().any(|spec| spec.id == *name)
        });
        Ok(names)
    }

    /// Reads the complete runs among `specs`, sorted by training set, loss and seed.
    ///
    /// Broken runs are left out; [`Output::run_states`] says why.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read_complete_runs(
        &self,
        resolved: &Resolved,
        specs: &[RunSpec],
    ) -> Result<Vec<FinishedRun>, Error> {
        let read = |spec: &RunSpec| match self.read_run(spec).transpose() {
            Err(Error::Record { .. }) => Ok(None),
            other => other,
        };
        let mut runs: Vec<_> = map_parallel(specs, read)?.into_iter().flatten().collect();
        let losses = &resolved.study.losses;
        runs.sort_by_key(|run| {
            let RunRecord {
                train, loss, seed, ..
            } = &run.record;
            let train = resolved.train.iter().position(|set| set.name() == train);
            (train, losses.iter().position(|name| name == loss), *seed)
        });
        Ok(runs)
    }

    /// Reads one run; `None` if it is not finished, [`Error::Record`] if it is broken.
    #[must_use]
    pub fn read_run(&self, spec: &RunSpec) -> Option<Result<FinishedRun, Error>> {
        let folder = self.run_folder(&spec.id);
        is_done(&folder).then(|| read_finished_run(&folder))
    }
}

/// Applies `function` to each of `specs` on all cores and returns the results in their order. Most of the time is
/// spent on hashes.
fn map_parallel<T: Send>(
    specs: &[RunSpec],
    function: impl Fn(&RunSpec) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let chunk_size = specs.len().div_ceil(cores).max(1);
    let map_chunk = |chunk: &[RunSpec]| chunk.iter().map(&function).collect::<Result<Vec<_>, _>>();
    thread::scope(|scope| {
        let threads: Vec<_> = specs
            .chunks(chunk_size)
            .map(|chunk| scope.spawn(move || map_chunk(chunk)))
            .collect();
        let mut all = Vec::with_capacity(specs.len());
        for thread in threads {
            let to_error = |_| Err(Error::cannot_make("the list of runs", "a thread panicked"));
            all.extend(thread.join().unwrap_or_else(to_error)?);
        }
        Ok(all)
    })
}

/// Reads the record `run.json` of the run in `folder`.
///
/// # Errors
/// If the record is missing, cannot be read or does not parse.
pub fn read_record(folder: &Path) -> Result<RunRecord, Error> {
    let path = folder.join("run.json");
    parse_json(&read_run_file(&path)?, &path)
}
