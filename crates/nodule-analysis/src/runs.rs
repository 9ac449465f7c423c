//! The finished runs of one grid, and how they are picked out of it.

use std::collections::{BTreeMap, BTreeSet};

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::records::{FailedRun, FinishedRun, MapScores};
use nodule_study::settings::map_read_out;

use super::attribution::could_learn;
use super::endpoint::tests;
use super::intervals::{Mean, Means};
use super::state::{State, state};
use crate::Error;

/// The finished runs of the grid of one study, or of one of its variants.
pub struct Runs<'a> {
    /// The study; training distributions are called by their names in it.
    pub study: &'a Study,
    /// By training distribution, loss and seed.
    pub all: Vec<&'a FinishedRun>,
    /// Those of the grid that failed.
    pub failed: Vec<&'a FailedRun>,
    /// By training distribution, then by loss.
    groups: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a FinishedRun>>>,
    means: Means,
}

impl<'a> Runs<'a> {
    /// Those of `study`.
    pub fn new(study: &'a Study, runs: impl IntoIterator<Item = &'a FinishedRun>) -> Self {
        let all: Vec<_> = runs.into_iter().collect();
        let mut groups = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        for run in &all {
            let of_train = groups.entry(run.record.train.as_str()).or_default();
            let group = of_train.entry(run.record.loss.as_str()).or_default();
            group.push(*run);
        }
        Self {
            study,
            all,
            failed: Vec::new(),
            groups,
            means: Means::default(),
        }
    }

    /// The same, with those that failed.
    pub fn with_failed(mut self, failed: impl IntoIterator<Item = &'a FailedRun>) -> Self {
        self.failed.extend(failed);
        self
    }

    /// The same study with the runs that learned, and all controls.
    pub fn learned(&self) -> Self {
        let controls = self.controls();
        let kept = self.all.iter().copied().filter(|run| {
            controls.contains(run.record.train.as_str()) || state(run) == State::Learned
        });
        Self::new(self.study, kept).with_failed(self.failed.iter().copied())
    }

    /// The training distributions of the finished runs whose labels say nothing of their images.
    pub fn controls(&self) -> BTreeSet<&'a str> {
        let trains = self.groups.keys().copied();
        trains.filter(|train| self.is_control(train)).collect()
    }

    /// Whether the labels of that training distribution say nothing of its images, as far as a run of
    /// it tells.
    pub fn is_control(&self, train: &str) -> bool {
        let of_train = self.groups.get(train).map(BTreeMap::values);
        let finished = of_train.and_then(|mut losses| losses.next()?.first());
        let of_failed = || {
            self.failed
                .iter()
                .any(|run| run.train == train && run.control)
        };
        finished.map_or_else(of_failed, |run| !could_learn(run))
    }

    /// The runs of one training distribution and one loss.
    pub fn of(&self, train: &str, loss: &str) -> &[&'a FinishedRun] {
        let group = self.groups.get(train).and_then(|losses| losses.get(loss));
        group.map_or(&[], Vec::as_slice)
    }

    /// The run of one training distribution, loss and seed.
    pub fn one(&self, train: &str, loss: &str, seed: usize) -> Option<&'a FinishedRun> {
        let mut group = self.of(train, loss).iter().copied();
        group.find(|run| run.record.seed == seed)
    }

    /// The runs of one training distribution, in their order.
    pub fn of_train(&self, train: &str) -> impl Iterator<Item = &'a FinishedRun> {
        let all = self.all.iter().copied();
        all.filter(move |run| run.record.train == train)
    }

    /// How many there will be.
    pub fn planned(&self) -> usize {
        let study = self.study;
        study.train.len() * study.losses.len() * study.seeds
    }

    /// The read-out that all losses have, where there is room for one.
    pub fn read_out(&self) -> Option<ReadOut> {
        map_read_out(&self.study.read_outs)
    }

    /// What sentences and the picture of the result are about: the training distribution of the first
    /// claim, or the first there is, and the read-out that all losses have.
    pub fn focus(&self) -> Option<(&'a str, ReadOut)> {
        let claimed = self.study.hypotheses.first();
        let claimed = claimed.map(|claim| claim.train.as_str());
        let train = claimed.or(self.study.train_names().next())?;
        Some((train, self.read_out()?))
    }

    /// Names of the scored tests, in the order of the first run's record.
    pub fn tests(&self) -> Vec<&'a str> {
        tests(self.all.first().copied())
    }

    /// The attribution methods, in the order of the records: the first scores by each.
    pub fn methods(&self) -> Vec<&'a MapScores> {
        let mut first: Vec<&MapScores> = Vec::new();
        let read_outs = self.all.iter().flat_map(|run| &run.evaluation.read_outs);
        for scores in read_outs.flat_map(|r| &r.maps) {
            if first.iter().all(|other| other.method != scores.method) {
                first.push(scores);
            }
        }
        first
    }

    /// Mean over seeds with its 95% bootstrap interval; none without values. The same numbers are
    /// resampled once, however many figures and tables show them.
    pub fn mean(&self, values: &[f64]) -> Result<Option<Mean>, Error> {
        self.means.of(values)
    }
}
