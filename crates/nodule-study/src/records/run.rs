//! What was run: `run.json`, and a finished run as a whole.

use nodule_config::{Epoch, Method};
use nodule_eval::{Metrics, ReadOut, ScoreSd};
use nodule_synth::{Distribution, Mode};
use serde::{Deserialize, Serialize};

use super::{Evaluation, MapScores, ModeReliance, ReadOutEvaluation, TestEvaluation};

/// `run.json`: what was run, with what, and what it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run's id: a hash of its settings.
    pub run: String,
    /// Name of the training distribution.
    pub train: String,
    /// Name of the loss.
    pub loss: String,
    /// The seed's number, from 0.
    pub seed: usize,
    /// Everything that changes the run's numbers; the id is the hash of this.
    pub settings: serde_json::Value,
    /// The seeds derived from it, by purpose.
    pub seeds: RunSeeds,
    /// Versions of what computed it.
    pub versions: Versions,
    /// The device's name.
    pub device: String,
    /// Threads the run was given.
    pub threads: usize,
    /// The machine: processor, its threads, system. Empty in records older than this field.
    #[serde(default)]
    pub machine: String,
    /// When the run began, in seconds since 1970 (UTC); 0 in records older than this field.
    #[serde(default)]
    pub started_unix_s: f64,
    /// Wall time by phase, in seconds.
    pub timings: Timings,
}

/// The derived seeds of one run. They are the same for every loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSeeds {
    /// Training images.
    pub train_data: u64,
    /// Validation images.
    pub validation_data: u64,
    /// Initial weights.
    pub weights: u64,
    /// Order of the samples.
    pub order: u64,
}

/// Versions of what computed a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Of this workspace.
    pub nodule: String,
    /// Of the generator's recipe.
    pub generator: u32,
    /// Of the CPU kernels.
    pub kernel: u32,
    /// Of the mark `done` that finishes the run: from 1 on it lists the run's files; 0 in records older than
    /// this field, whose marks are empty.
    #[serde(default)]
    pub mark: u32,
    /// The commit it was built from, or `unknown`.
    pub commit: String,
}

/// Wall time by phase, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Drawing and rendering the training and validation images.
    pub generate_s: f64,
    /// Training.
    pub train_s: f64,
    /// Read-outs, tests and counterfactuals.
    pub evaluate_s: f64,
}

/// A finished run, read back whole.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedRun {
    /// What was run.
    pub record: RunRecord,
    /// How training went: the rows of `history.csv`.
    pub history: Vec<Epoch>,
    /// What was measured.
    pub evaluation: Evaluation,
}

/// A run that was tried and did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// The run's id.
    pub run: String,
    /// Name of the training distribution.
    pub train: String,
    /// Name of the loss.
    pub loss: String,
    /// The seed's number, from 0.
    pub seed: usize,
    /// All of it for people, with what a variant changes.
    pub title: String,
    /// Whether it is a control: trained on labels that nothing can learn.
    pub control: bool,
    /// Why, in one line.
    pub reason: String,
}

impl FailedRun {
    /// Whether a number of its training left the finite ones.
    #[must_use]
    pub fn has_diverged(&self) -> bool {
        self.reason.starts_with("diverged: ")
    }
}

impl FinishedRun {
    /// What was measured under a read-out, where the run has it.
    #[must_use]
    pub fn read_out(&self, read_out: ReadOut) -> Option<&ReadOutEvaluation> {
        let mut all = self.evaluation.read_outs.iter();
        all.find(|measured| measured.read_out == read_out)
    }

    /// The unit of the decision value under a read-out: decisions of different networks compare in it
    /// alone.
    #[must_use]
    pub fn spread(&self, read_out: ReadOut) -> Option<ScoreSd> {
        Some(self.read_out(read_out)?.spread)
    }

    /// The scores of the run's maps by `method`, with the read-out they were made of.
    #[must_use]
    pub fn map_scores(&self, method: Method) -> Option<(ReadOut, &MapScores)> {
        self.evaluation.read_outs.iter().find_map(|measured| {
            let scores = measured.maps.iter().find(|m| m.method == method)?;
            Some((measured.read_out, scores))
        })
    }

    /// The distribution that it was trained on, as its settings hold it.
    #[must_use]
    pub fn trained_on(&self) -> Option<Distribution> {
        let settings = self.record.settings.get("train")?;
        serde_json::from_value(settings.clone()).ok()
    }
}

impl ReadOutEvaluation {
    /// One test set.
    #[must_use]
    pub fn test(&self, name: &str) -> Option<&TestEvaluation> {
        self.tests.iter().find(|test| test.test == name)
    }

    /// The metrics of one test set.
    #[must_use]
    pub fn metrics(&self, test: &str) -> Option<&Metrics> {
        self.test(test).map(|test| &test.metrics)
    }

    /// The reliance on one mode.
    #[must_use]
    pub fn mode(&self, mode: Mode) -> Option<&ModeReliance> {
        self.reliance.iter().find(|reliance| reliance.mode == mode)
    }
}
