//! Record `run.json`, and finished and failed runs.

use nodule_config::{Epoch, Method};
use nodule_eval::{Metrics, ReadOut, ScoreSd};
use nodule_synth::{Distribution, Mode};
use serde::{Deserialize, Serialize};

use super::{Evaluation, MapScores, ModeReliance, ReadOutEvaluation, TestEvaluation};

/// Settings, versions and timings of one run: the content of `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Id of the run: a hash of its settings.
    pub run: String,
    /// Name of the training set.
    pub train: String,
    /// Name of the loss.
    pub loss: String,
    /// Seed number, from 0.
    pub seed: usize,
    /// Everything that changes the run's numbers. The id is its hash.
    pub settings: serde_json::Value,
    /// Seeds derived from the seed number, by purpose.
    pub seeds: RunSeeds,
    /// Versions of the software.
    pub versions: Versions,
    /// Name of the device.
    pub device: String,
    /// Number of threads.
    pub threads: usize,
    /// Machine: processor, its threads, operating system.
    pub machine: String,
    /// Start time, in seconds since 1970 (UTC).
    pub started_unix_s: f64,
    /// Wall-clock times of the phases.
    pub timings: Timings,
}

impl RunRecord {
    /// Returns whether the model was trained elsewhere: its settings then name the battery that it was evaluated on.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.settings.get("battery").is_some()
    }
}

/// Derived seeds of one run, in JSON as text. They are the same for every loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSeeds {
    /// Training images.
    #[serde(with = "super::seed_text")]
    pub train_data: u64,
    /// Validation images.
    #[serde(with = "super::seed_text")]
    pub validation_data: u64,
    /// Initial weights.
    #[serde(with = "super::seed_text")]
    pub weights: u64,
    /// Order of the samples.
    #[serde(with = "super::seed_text")]
    pub order: u64,
}

/// Versions of the software that computed a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Version of this workspace.
    pub nodule: String,
    /// Version of the generator.
    pub generator: u32,
    /// Version of the CPU kernels.
    pub kernel: u32,
    /// Version of the mark `done`.
    pub mark: u32,
    /// Commit of the build, or `unknown`.
    pub commit: String,
}

/// Wall-clock times of a run's phases, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Generation of the training and validation images.
    pub generate_s: f64,
    /// Training.
    pub train_s: f64,
    /// Evaluation: read-outs, test sets and counterfactuals.
    pub evaluate_s: f64,
}

/// Records of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedRun {
    /// Content of `run.json`.
    pub record: RunRecord,
    /// Rows of `history.csv`, one per epoch.
    pub history: Vec<Epoch>,
    /// Content of `evaluation.json`.
    pub evaluation: Evaluation,
}

/// Run that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// Id of the run.
    pub run: String,
    /// Name of the training set.
    pub train: String,
    /// Name of the loss.
    pub loss: String,
    /// Seed number, from 0.
    pub seed: usize,
    /// Title of the run, with the change of its variant.
    pub title: String,
    /// Whether the run is a control: its labels are random.
    pub control: bool,
    /// Reason, in one line.
    pub reason: String,
}

impl FailedRun {
    /// Whether training produced a value that is not finite.
    #[must_use]
    pub fn has_diverged(&self) -> bool {
        self.reason.starts_with("diverged: ")
    }
}

impl FinishedRun {
    /// Returns the measurements with `read_out`, if the run has it.
    #[must_use]
    pub fn read_out(&self, read_out: ReadOut) -> Option<&ReadOutEvaluation> {
        self.evaluation
            .read_outs
            .iter()
            .find(|evaluation| evaluation.read_out == read_out)
    }

    /// Returns the standard deviation of the decision score with `read_out`: the unit in which networks are compared.
    #[must_use]
    pub fn score_sd(&self, read_out: ReadOut) -> Option<ScoreSd> {
        Some(self.read_out(read_out)?.score_sd)
    }

    /// Returns the scores of the maps by `method`, and the read-out that they explain.
    #[must_use]
    pub fn map_scores(&self, method: Method) -> Option<(ReadOut, &MapScores)> {
        self.evaluation.read_outs.iter().find_map(|evaluation| {
            let scores = evaluation.maps.iter().find(|m| m.method == method)?;
            Some((evaluation.read_out, scores))
        })
    }

    /// Returns the training distribution in the run's settings. `None` if the run trained on the user's own images.
    #[must_use]
    pub fn training_distribution(&self) -> Option<Distribution> {
        let train = self.record.settings.get("train")?;
        serde_json::from_value(train.clone()).ok()
    }
}

impl ReadOutEvaluation {
    /// Returns the results on one test set.
    #[must_use]
    pub fn test(&self, name: &str) -> Option<&TestEvaluation> {
        self.tests.iter().find(|test| test.test == name)
    }

    /// Returns the metrics on one test set.
    #[must_use]
    pub fn metrics(&self, test: &str) -> Option<&Metrics> {
        self.test(test).map(|test| &test.metrics)
    }

    /// Returns the reliance on one mode of variation.
    #[must_use]
    pub fn mode(&self, mode: Mode) -> Option<&ModeReliance> {
        self.reliance.iter().find(|reliance| reliance.mode == mode)
    }
}
