//! Tables `[vary]`, `[crossed]` and `[tune]`: changed settings, crossed seeds and random search.

use std::collections::BTreeMap;

use nodule_eval::ReadOut;
use serde::{Deserialize, Serialize};
use toml::Value;

/// Table `[vary]`: changed settings, each change with the whole grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// How changes are combined.
    pub how: Combine,
    /// Other values of each setting, by its name in the file, such as `loss.margin`.
    pub values: BTreeMap<String, Vec<Value>>,
}

/// How the changes of `[vary]` are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// Each value of each setting alone.
    OneAtATime,
    /// Every value of one setting with every value of the others.
    Crossed,
    /// The first value of every setting, then the second of every setting, and so on.
    Together,
}

impl Vary {
    /// Returns the number of combinations, including those that change nothing.
    pub(crate) fn count(&self) -> usize {
        let lengths = self.values.values().map(Vec::len);
        match self.how {
            Combine::OneAtATime => lengths.sum(),
            Combine::Crossed => lengths.fold(1, usize::saturating_mul),
            Combine::Together => lengths.max().unwrap_or(0),
        }
    }
}

/// Table `[crossed]`: runs with every combination of the first seeds of data, weights and order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossed {
    /// Training sets, among the study's.
    pub train: Vec<String>,
    /// Losses, among the study's.
    pub losses: Vec<String>,
    /// Number of seeds of each kind: from 2 to the study's number of seeds.
    pub seeds: usize,
}

/// Table `[tune]`: random search for the settings of each loss (after Bergstra & Bengio 2012), so that each loss is judged
/// with settings that suit it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tune {
    /// Number of trials per loss, from 2 to 1000. Trial 0 has the study's own settings.
    pub trials: usize,
    /// Number of seeds per trial, derived from a separate root.
    pub seeds: usize,
    /// Training set of the trials, among the study's.
    pub train: String,
    /// Training images of a trial. `None`: as many as in a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples_train: Option<usize>,
    /// Range of each setting, by its name in the file, such as `loss.margin`: a list of values, or the ends of an interval.
    pub range: BTreeMap<String, Value>,
}

/// Read-out whose validation accuracy chooses the best trial. All losses have it, and it has no settings of its own.
pub const TUNING_READ_OUT: ReadOut = ReadOut::Centroid;
