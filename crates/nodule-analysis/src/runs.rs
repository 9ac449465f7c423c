//! Finished runs of one grid, selected by training distribution, loss and seed.

use std::collections::{BTreeMap, BTreeSet};

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::claims::ClaimRuns;
use nodule_study::records::{FailedRun, FinishedRun, MapScores};
use nodule_study::settings::choose_map_read_out;

use crate::Error;
use crate::endpoints::test_names;
use crate::learning_state::{LearningState, learning_state};
use crate::map_faithfulness::has_learnable_labels;
use crate::means::{Mean, MeanCache};

/// The finished runs of the grid of a study, or of one of its variants.
pub struct Runs<'a> {
    /// The study, with training distributions by name.
    pub study: &'a Study,
    /// All runs, by training distribution, loss and seed.
    pub all: Vec<&'a FinishedRun>,
    /// Failed runs of the grid.
    pub failed: Vec<&'a FailedRun>,
    /// Whether the runs are models that were trained elsewhere, named in place of losses.
    pub external: bool,
    /// By training distribution, then by loss.
    groups: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a FinishedRun>>>,
    means: MeanCache,
}

impl<'a> Runs<'a> {
    /// Returns the finished runs of `study`.
    ///
    /// ```
    /// use nodule_analysis::Runs;
    /// use nodule_study::{Registry, load_study};
    ///
    /// let study = load_study("smoke", &Registry::default())?.study_by_name();
    /// let runs = Runs::new(&study, &[]); // no run is finished
    /// assert_eq!(runs.planned_count(), study.train.len() * study.losses.len() * study.seeds);
    /// assert!(runs.group("both", "ce").is_empty());
    /// # Ok::<(), nodule_analysis::Error>(())
    /// ```
    pub fn new(study: &'a Study, runs: impl IntoIterator<Item = &'a FinishedRun>) -> Self {
        let all: Vec<_> = runs.into_iter().collect();
        let mut groups = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        for run in &all {
            let losses = groups.entry(run.record.train.as_str()).or_default();
            let group = losses.entry(run.record.loss.as_str()).or_default();
            group.push(*run);
        }
        Self {
            study,
            external: all.iter().any(|run| run.record.is_external()),
            all,
            failed: Vec::new(),
            groups,
            means: MeanCache::default(),
        }
    }

    /// Adds failed runs.
    #[must_use]
    pub fn with_failed(mut self, failed: impl IntoIterator<Item = &'a FailedRun>) -> Self {
        self.failed.extend(failed);
        self
    }

    /// Returns the runs that learned, and all controls.
    #[must_use]
    pub fn only_learned(&self) -> Self {
        let controls = self.controls();
        let selected = self.all.iter().copied().filter(|run| {
            controls.contains(run.record.train.as_str())
                || learning_state(run) == LearningState::Learned
        });
        Self {
            external: self.external,
            ..Self::new(self.study, selected).with_failed(self.failed.iter().copied())
        }
    }

    /// Returns the training distributions of finished runs that have random labels.
    #[must_use]
    pub fn controls(&self) -> BTreeSet<&'a str> {
        let names = self.groups.keys().copied();
        names.filter(|train| self.is_control(train)).collect()
    }

    /// Returns whether the training distribution has random labels, according to its finished or failed runs.
    #[must_use]
    pub fn is_control(&self, train: &str) -> bool {
        let losses = self.groups.get(train).map(BTreeMap::values);
        let finished = losses.and_then(|mut losses| losses.next()?.first());
        let is_failed_control = || {
            self.failed
                .iter()
                .any(|run| run.train == train && run.control)
        };
        finished.map_or_else(is_failed_control, |run| !has_learnable_labels(run))
    }

    /// Returns the runs of one training distribution and one loss.
    #[must_use]
    pub fn group(&self, train: &str, loss: &str) -> &[&'a FinishedRun] {
        let group = self.groups.get(train).and_then(|losses| losses.get(loss));
        group.map_or(&[], Vec::as_slice)
    }

    /// Returns the run of one training distribution, loss and seed.
    #[must_use]
    pub fn find(&self, train: &str, loss: &str, seed: usize) -> Option<&'a FinishedRun> {
        let mut group = self.group(train, loss).iter().copied();
        group.find(|run| run.record.seed == seed)
    }

    /// Returns the runs of one training distribution, in their order.
    pub fn trained_on(&self, train: &str) -> impl Iterator<Item = &'a FinishedRun> {
        let all = self.all.iter().copied();
        all.filter(move |run| run.record.train == train)
    }

    /// Returns the runs of one training distribution, as the evidence for a claim needs them.
    #[must_use]
    pub fn claim_runs<'r>(&'r self, train: &'r str) -> impl ClaimRuns + use<'r, 'a> {
        TrainRecord { runs: self, train }
    }

    /// Returns the number of planned runs.
    #[must_use]
    pub fn planned_count(&self) -> usize {
        let study = self.study;
        study.train.len() * study.losses.len() * study.seeds
    }

    /// Returns the read-out for figures that show a single one: a read-out of all losses, if there is one. External
    /// models are shown by their own scores, if all of them have scores.
    #[must_use]
    pub fn main_read_out(&self) -> Option<ReadOut> {
        let known = &self.study.read_outs;
        if !self.external {
            return choose_map_read_out(known);
        }
        let is_shared = |read_out: &&ReadOut| {
            let mut all = self.all.iter();
            all.all(|run| run.read_out(**read_out).is_some())
        };
        known.iter().find(is_shared).or(known.first()).copied()
    }

    /// Returns training distribution and read-out for sentences and figures that show a single one.
    ///
    /// The distribution is that of the first claim, or the first of the study.
    #[must_use]
    pub fn focus(&self) -> Option<(&'a str, ReadOut)> {
        let claimed = self.study.hypotheses.first();
        let claimed = claimed.map(|claim| claim.train.as_str());
        let train = claimed.or(self.study.train_names().next())?;
        Some((train, self.main_read_out()?))
    }

    /// Returns the names of the scored tests, in the order of the first run's record.
    #[must_use]
    pub fn tests(&self) -> Vec<&'a str> {
        test_names(self.all.first().copied())
    }

    /// Returns the first scores of each attribution method, in the order of the records.
    #[must_use]
    pub fn methods(&self) -> Vec<&'a MapScores> {
        let mut first: Vec<&MapScores> = Vec::new();
        let read_outs = self.all.iter().flat_map(|run| &run.evaluation.read_outs);
        for scores in read_outs.flat_map(|measured| &measured.maps) {
            if first.iter().all(|other| other.method != scores.method) {
                first.push(scores);
            }
        }
        first
    }

    /// Returns the mean over seeds with its 95% bootstrap interval; `None` without values.
    ///
    /// Equal values are resampled once, however many figures and tables show them.
    ///
    /// # Errors
    /// If a value is not finite.
    pub fn mean(&self, values: &[f64]) -> Result<Option<Mean>, Error> {
        self.means.mean(values)
    }
}

struct TrainRecord<'r, 'a> {
    runs: &'r Runs<'a>,
    train: &'r str,
}

impl ClaimRuns for TrainRecord<'_, '_> {
    fn losses(&self) -> &[String] {
        &self.runs.study.losses
    }

    fn seeds(&self) -> usize {
        self.runs.study.seeds
    }

    fn run(&self, loss: &str, seed: usize) -> Option<&FinishedRun> {
        self.runs.find(self.train, loss, seed)
    }

    fn runs_of_seed(&self, seed: usize) -> Vec<&FinishedRun> {
        let runs = self.runs.trained_on(self.train);
        runs.filter(|run| run.record.seed == seed).collect()
    }
}
