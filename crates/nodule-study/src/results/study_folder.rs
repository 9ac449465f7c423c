//! The folder of a whole study: where its runs lie, and which of them count.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use super::aside::is_aside;
use super::check::{Depth, RunState, is_done, read_whole, run_state};
use super::verify::names;
use crate::Error;
use crate::files::{json_value, read_part};
use crate::plan::RunSpec;
use crate::records::{FinishedRun, RunRecord};
use crate::settings::Resolved;

/// The folder of one study's results.
#[derive(Debug, Clone)]
pub struct Output {
    path: PathBuf,
}

impl Output {
    /// The folder at `path`, whether or not there is one: to look at, not to write to.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of one run.
    #[must_use]
    pub fn run_folder(&self, id: &str) -> PathBuf {
        self.path.join("runs").join(id)
    }

    /// Whether that run is finished, whole or not.
    #[must_use]
    pub fn is_done(&self, spec: &RunSpec) -> bool {
        is_done(&self.run_folder(&spec.id))
    }

    /// What is found in the folder of that run.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses to read it.
    pub fn state(&self, spec: &RunSpec, depth: Depth) -> Result<RunState, Error> {
        run_state(&self.run_folder(&spec.id), depth)
    }

    /// What is found in the folders of these runs, in their order; looked at side by side.
    ///
    /// # Errors
    /// As [`Output::state`].
    pub fn states(&self, specs: &[RunSpec], depth: Depth) -> Result<Vec<RunState>, Error> {
        side_by_side(specs, |spec| self.state(spec, depth))
    }

    /// Ids of finished runs that are not among `specs`: of another version, device or study.
    ///
    /// # Errors
    /// [`Error::File`] if the folder cannot be read.
    pub fn foreign(&self, specs: &[RunSpec]) -> Result<Vec<String>, Error> {
        let mut all = names(&self.path.join("runs"))?;
        all.retain(|name| !is_aside(name) && is_done(&self.run_folder(name)));
        all.retain(|name| !specs.iter().any(|spec| spec.id == *name));
        Ok(all)
    }

    /// Reads back those of `specs` that are finished and whole, by training distribution, loss and seed.
    /// [`Output::states`] says why another is left out.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses to read one.
    pub fn finished(
        &self,
        resolved: &Resolved,
        specs: &[RunSpec],
    ) -> Result<Vec<FinishedRun>, Error> {
        let read = |spec: &RunSpec| match self.read(spec).transpose() {
            Err(Error::Record { .. }) => Ok(None),
            other => other,
        };
        let runs = side_by_side(specs, read)?.into_iter();
        let mut runs: Vec<_> = runs.flatten().collect();
        let train = |run: &FinishedRun| {
            resolved
                .train
                .iter()
                .position(|set| set.name() == run.record.train)
        };
        let losses = &resolved.study.losses;
        let loss = |run: &FinishedRun| losses.iter().position(|loss| *loss == run.record.loss);
        runs.sort_by_key(|run| (train(run), loss(run), run.record.seed));
        Ok(runs)
    }

    /// Reads back one run, if it is finished; [`Error::Record`] inside if it is not whole.
    #[must_use]
    pub fn read(&self, spec: &RunSpec) -> Option<Result<FinishedRun, Error>> {
        let folder = self.run_folder(&spec.id);
        is_done(&folder).then(|| read_whole(&folder))
    }
}

/// `of` each of `specs`, in their order, on all cores: most of the time goes into hashes.
fn side_by_side<T: Send>(
    specs: &[RunSpec],
    of: impl Fn(&RunSpec) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = specs.len().div_ceil(cores).max(1);
    let of_part = |part: &[RunSpec]| part.iter().map(&of).collect::<Result<Vec<_>, _>>();
    thread::scope(|scope| {
        let parts = specs.chunks(share);
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(move || of_part(part)))
            .collect();
        let mut all = Vec::with_capacity(specs.len());
        for part in parts {
            let panicked = |_| Err(Error::made("what runs left behind", "a thread panicked"));
            all.extend(part.join().unwrap_or_else(panicked)?);
        }
        Ok(all)
    })
}

/// The record `run.json` of the run in that folder.
///
/// # Errors
/// [`Error::Record`] or [`Error::File`] if it cannot be read.
pub fn read_record(folder: &Path) -> Result<RunRecord, Error> {
    let path = folder.join("run.json");
    json_value(&read_part(&path)?, &path)
}
