//! The study file's tables: what is trained, on what, tested where, and which claims are judged.
//!
//! These are the types as the file spells them; `load.rs` reads, checks and resolves them.

use std::collections::BTreeMap;

use nodule_eval::ReadOut;
use nodule_nn::LeNetConfig;
use nodule_synth::GeneratorSettings;
use nodule_train::Budget;
use serde::{Deserialize, Serialize};

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
    /// Distributions to train on: built-in names, or files relative to the study file.
    pub train: Vec<String>,
    /// Distributions to test on, likewise.
    pub test: Vec<String>,
    /// Losses to train with: `ce`, `contrastive`, `ce+contrastive`, and beyond the paper `supcon`,
    /// `ce+supcon`, `triplet`, `ce+nt-xent`.
    pub losses: Vec<String>,
    /// Read-outs crossed with the losses.
    #[serde(default = "all_read_outs")]
    pub read_outs: Vec<ReadOut>,
    /// How many images of each kind.
    pub samples: Samples,
    /// The optimizer's budget, the same for every loss.
    pub training: Budget,
    /// The contrastive term's constants.
    #[serde(default)]
    pub contrastive: Contrastive,
    /// The network.
    #[serde(default)]
    pub network: LeNetConfig,
    /// The generator.
    #[serde(default)]
    pub generator: GeneratorSettings,
    /// Another file of real outlines, relative to the study file; without it, the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlines: Option<String>,
    /// Settings that are changed, to see what the verdicts depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vary: Option<Vary>,
    /// Data, initial weights and order of samples crossed, to see where variance comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed: Option<Crossed>,
    /// The claims, declared before the run; all of them are in the primary set that Holm corrects.
    #[serde(default, rename = "hypothesis", skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
}

/// Settings of the study that are changed, and the whole grid run again with each change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// Which changes come together.
    pub how: Combine,
    /// The other values of each setting, by its name in the file, such as `contrastive.margin`.
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
    pub probe: usize,
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

/// Constants of the losses on embeddings (*ours*).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contrastive {
    /// Distance on the unit sphere beyond which pairs of different classes no longer repel.
    pub margin: f64,
    /// Weight of the second term in the joint losses, such as `ce+contrastive` (lambda).
    pub weight: f64,
    /// Temperature of the similarities in `supcon` and `nt-xent`.
    pub temperature: f64,
    /// By which the other class must be farther in `triplet`.
    pub triplet_margin: f64,
}

impl Default for Contrastive {
    fn default() -> Self {
        Self {
            margin: 1.0,
            weight: 1.0,
            temperature: 0.1,
            triplet_margin: 0.5,
        }
    }
}

/// A claim and the contrast that judges it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// Short name, such as `H1`.
    pub id: String,
    /// The claim in words.
    pub claim: String,
    /// The distribution the compared runs were trained on.
    pub train: String,
    /// How it is judged.
    pub contrast: Contrast,
    /// The smallest effect of interest, in the endpoint's unit: an interval that lies within it
    /// on both sides of zero counts against the claim.
    pub smallest_effect: f64,
}

/// How a claim is judged over the runs of one training distribution. Two-sided throughout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Contrast {
    /// The mean over seeds of `a` minus `b`, runs paired by seed.
    PairedDifference {
        /// What is compared.
        endpoint: Endpoint,
        /// The first arm.
        a: Arm,
        /// The second arm.
        b: Arm,
    },
    /// Spearman's correlation of two endpoints over all runs (losses x seeds).
    RankCorrelation {
        /// The predictor.
        x: Endpoint,
        /// The outcome.
        y: Endpoint,
        /// The read-out both are measured with.
        read_out: ReadOut,
    },
    /// The mean over seeds of Kendall's correlation, across losses, between two endpoints:
    /// 1 where the losses keep their order from one to the other.
    OrderCarries {
        /// Where the order is set.
        from: Endpoint,
        /// Where it is asked for.
        to: Endpoint,
        /// The read-out both are measured with.
        read_out: ReadOut,
    },
}

/// A number that every run has, per read-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "measure", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Endpoint {
    /// Counterfactual effect of a mode, in spreads of the decision value.
    Effect {
        /// `shape`, `texture` or a nuisance.
        mode: String,
    },
    /// Share of decisions that a mode flips.
    Flipped {
        /// `shape`, `texture` or a nuisance.
        mode: String,
    },
    /// Accuracy on a test set.
    Accuracy {
        /// The test set's name as the results table spells it.
        test: String,
    },
    /// Area under the ROC curve on a test set.
    Auroc {
        /// The test set's name as the results table spells it.
        test: String,
    },
}

/// One side of a paired difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Loss.
    pub loss: String,
    /// Read-out.
    pub read_out: ReadOut,
}

fn all_read_outs() -> Vec<ReadOut> {
    ReadOut::ALL.to_vec()
}
