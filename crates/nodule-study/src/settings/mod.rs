//! What may a study file say, and is it right? The file's tables as types; reading, checking and
//! resolving them; and variants of a study.
//!
//! `load.rs` reads a file, `check.rs` checks it against a `Registry` of losses and networks, and what
//! comes out is a `Resolved` study: nothing in it can fail any more for being misspelt.

mod backgrounds;
mod budgets;
mod built_in;
mod check;
mod claims_file;
mod draws;
mod held_out;
mod image_set;
mod label_rule;
mod limits;
mod load;
mod losses;
mod read_outs;
mod registry;
mod renamed;
mod require;
mod resolved;
mod toml_text;
mod training_set;
mod trends;
mod trials;
mod tune;
mod variants;

use std::collections::BTreeMap;

use nodule_eval::ReadOut;
use nodule_synth::{Fold, GeneratorSettings};
use serde::{Deserialize, Serialize};

use crate::claims::Hypothesis;

pub use backgrounds::{BackgroundsTable, GivenBackgrounds};
pub use budgets::{Budgets, OwnBudget};
pub use built_in::built_in_studies;
pub use claims_file::read_claims;
pub use held_out::{left_to_ask, left_to_train, validates};
pub use image_set::{GivenImages, GivenTable, ImageSet};
pub use label_rule::{LabelRule, is_learnable, label_rules, scored_name, test_names};
pub(crate) use load::parse_study;
pub use load::{load_study, resized};
pub use read_outs::{map_read_out, shared_read_outs};
pub use registry::{Registry, built_in_losses};
pub use resolved::{Resolved, StudyLoss, StudyNetwork, Variant};
pub use toml_text::parse_toml;
pub use training_set::TrainingSet;
pub use trends::{Trend, to_f64};
pub use tune::{TUNED_BY, Tune, check_tuned};

/// One study, as its file declares it. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// A short name: the default output folder is `results/<name>`.
    pub name: String,
    /// What the study is for, in a sentence; the report prints it.
    pub description: String,
    /// What was changed after results had been seen, a sentence each; the report prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
    /// The root of every seed.
    #[serde(default)]
    pub root_seed: u64,
    /// How many seeds each cell of the grid is trained with: the n of the statistics.
    pub seeds: usize,
    /// What to train on: distributions, by built-in names or files relative to the study file, and images of
    /// one's own.
    pub train: Vec<ImageSet>,
    /// What to test on, likewise.
    pub test: Vec<ImageSet>,
    /// Losses to train with, by name.
    pub losses: Vec<String>,
    /// Read-outs crossed with the losses.
    #[serde(default = "all_read_outs")]
    pub read_outs: Vec<ReadOut>,
    /// How many images of each kind.
    pub samples: Samples,
    /// The optimizer's budget, and what a loss has otherwise: `[training.loss.NAME]`.
    pub training: Budgets,
    /// Settings of the losses: `[loss.NAME]` of one, and right below `[loss]` of all that have one of
    /// that name.
    #[serde(default, rename = "loss")]
    pub loss_settings: toml::Table,
    /// The network: its `kind`, and its settings.
    #[serde(default)]
    pub network: toml::Table,
    /// The generator.
    #[serde(default)]
    pub generator: GeneratorSettings,
    /// Another file of real outlines, relative to the study file; without it, the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlines: Option<String>,
    /// Settings of each loss that are tried first, so that it is run with the best of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<Tune>,
    /// Real lung to draw nodules over; without it, the generator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backgrounds: Option<BackgroundsTable>,
    /// Which groups of real images, such as patients, no network is trained on; without it, a third.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Fold>,
    /// Settings that are changed, to see what the verdicts depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vary: Option<Vary>,
    /// Data, initial weights and order of samples crossed, to see where variance comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed: Option<Crossed>,
    /// The claims, declared before the run; all of them are in the primary set that Holm corrects.
    #[serde(default, rename = "hypothesis", skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
    /// RunClaimer about how the difference of one of those changes with a setting that is varied; Holm corrects
    /// over all of these.
    #[serde(default, rename = "trend", skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<Trend>,
}

impl Study {
    /// What networks are trained on, as the study calls it.
    pub fn train_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.train.iter().map(ImageSet::name)
    }

    /// The fold that is held out: that of `[held_out]`, or the first of three.
    #[must_use]
    pub fn fold(&self) -> Fold {
        self.held_out.unwrap_or_default()
    }
}

/// Settings of the study that are changed, and the whole grid run again with each change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// Which changes come together.
    pub how: Combine,
    /// The other values of each setting, by its name in the file, such as `loss.margin`.
    pub values: BTreeMap<String, Vec<toml::Value>>,
}

/// Which changes come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// One setting is changed and all others stay.
    OneAtATime,
    /// Every value of one setting with every value of the others.
    Crossed,
    /// The first value of every setting, then the second of every setting, and so on.
    Together,
}

/// Runs whose data, weights and order have seeds of their own, every combination of the first few.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossed {
    /// Training distributions, among the study's.
    pub train: Vec<String>,
    /// Losses, among the study's.
    pub losses: Vec<String>,
    /// How many seeds of each kind: 2 at least, and no more than the study's.
    pub seeds: usize,
}

/// How many images each set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Training images of a run.
    pub train: usize,
    /// In-distribution validation images of a run.
    pub validation: usize,
    /// Images of each test set, shared by all runs.
    pub test: usize,
    /// Latents that are re-rendered as counterfactual pairs, shared by all runs.
    #[serde(rename = "probe")]
    pub pairs: usize,
    /// Latents that every point of the decision landscape averages over, shared by all runs; 0
    /// leaves the landscape out.
    #[serde(default)]
    pub landscape: usize,
    /// Images whose attribution maps are scored, shared by all runs; 0 leaves maps out.
    #[serde(default)]
    pub maps: usize,
    /// Images that tell what each layer holds, half to fit and half to ask, shared by all runs; 0
    /// leaves it out.
    #[serde(default)]
    pub representation: usize,
    /// Latents that are rendered at the four corners of shape and texture and looked at after every
    /// epoch, shared by all runs; 0 leaves the timeline out.
    #[serde(default)]
    pub timeline: usize,
}

fn all_read_outs() -> Vec<ReadOut> {
    ReadOut::ALL.to_vec()
}
