//! Finished networks with their outputs, from the caches in the runs' folders.

use std::path::PathBuf;

use nodule_study::records::FinishedRun;
use nodule_study::{Output, Resolved, RunSpec};
use rayon::prelude::*;

use crate::cache::{NetworkOutputs, PlaneImages, cache_key, load_outputs, store_outputs};
use crate::images::LabelledSet;
use crate::inspect::{OpenedRun, Sources, fit_read_outs, open_run};
use crate::{Error, Models};

/// A finished run, opened, with the outputs of its network.
pub(super) struct FinishedNetwork {
    pub(super) run: OpenedRun,
    pub(super) outputs: NetworkOutputs,
}

/// Finished runs of a study.
pub(super) struct FinishedNetworks<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) specs: &'a [RunSpec],
    /// Finished and whole runs of `specs`.
    pub(super) runs: &'a [FinishedRun],
    pub(super) output: &'a Output,
    pub(super) models: &'a Models,
    pub(super) plane: &'a PlaneImages,
}

impl FinishedNetworks<'_> {
    /// Opens the finished runs of one training set and seed, one per loss. Computes and caches missing outputs.
    pub(super) fn load(&self, train: &str, seed: usize) -> Result<Vec<FinishedNetwork>, Error> {
        let losses = self.resolved.study.losses.par_iter();
        let runs = losses.filter_map(|loss| self.open(train, seed, loss).transpose());
        let runs = runs.collect::<Result<Vec<_>, _>>()?;
        let cached = runs.par_iter().map(|run| self.load_cached(run));
        let cached = cached.collect::<Result<Vec<_>, Error>>()?;
        // All losses of a seed share their training images, which are generated only if outputs are missing.
        let is_missing = cached.iter().any(|(_, outputs)| outputs.is_none());
        let first = runs.first().filter(|_| is_missing);
        let training = first.map(OpenedRun::training_images).transpose()?;
        let networks = runs.into_par_iter().zip(cached);
        let networks = networks.map(|(run, (key, outputs))| {
            let outputs = match (outputs, &training) {
                (None, Some(training)) => Some(self.compute(&run, &key, training)?),
                (outputs, _) => outputs,
            };
            Ok(outputs.map(|outputs| FinishedNetwork { run, outputs }))
        });
        let networks = networks.collect::<Result<Vec<_>, Error>>()?;
        Ok(networks.into_iter().flatten().collect())
    }

    fn open(&self, train: &str, seed: usize, loss: &str) -> Result<Option<OpenedRun>, Error> {
        let spec = self
            .specs
            .iter()
            .find(|spec| spec.seed == seed && spec.train.name() == train && spec.loss.name == loss);
        let is_whole = |spec: &&RunSpec| self.runs.iter().any(|run| run.record.run == spec.id);
        let Some(spec) = spec.filter(is_whole) else {
            return Ok(None);
        };
        let folder = self.output.run_folder(&spec.id);
        let sources = Sources::from_study(self.resolved);
        open_run(&folder, self.models, &sources).map(Some)
    }

    /// Returns the cache key of a run, and the cached outputs with that key.
    fn load_cached(&self, run: &OpenedRun) -> Result<(String, Option<NetworkOutputs>), Error> {
        let key = cache_key(self.plane, &run.record.run, run.network.as_ref())?;
        let read_outs = run.loss.read_outs(&self.resolved.study.read_outs);
        let map_read_out = self.plane.view.map_read_out;
        let outputs = load_outputs(&self.folder(run), &key, &read_outs, map_read_out);
        Ok((key, outputs))
    }

    fn compute(
        &self,
        run: &OpenedRun,
        key: &str,
        training: &LabelledSet,
    ) -> Result<NetworkOutputs, Error> {
        let fitted = fit_read_outs(run, &self.resolved.study.read_outs, training)?;
        let outputs = NetworkOutputs::compute(self.plane, run.network.as_ref(), &fitted)?;
        store_outputs(&self.folder(run), key, &outputs);
        Ok(outputs)
    }

    fn folder(&self, run: &OpenedRun) -> PathBuf {
        self.output.run_folder(&run.record.run)
    }
}
