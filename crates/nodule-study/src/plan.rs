//! From a study to its runs: what each one is, its seeds, and the id that hashes what changes
//! its numbers.

use nodule_eval::ReadOut;
use nodule_nn::{KERNEL_VERSION, LeNetConfig};
use nodule_seed::derive;
use nodule_synth::{Distribution, GENERATOR_VERSION, GeneratorSettings};
use nodule_train::Budget;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::load::Resolved;
use crate::loss::LossSettings;
use crate::record::RunSeeds;
use crate::settings::Samples;

/// Version of what is measured on a trained network: read-outs, tests, counterfactuals, landscapes,
/// maps.
const EVALUATION_VERSION: u32 = 3;

/// One training and its evaluation.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// Hash of `settings`: 16 hexadecimal digits.
    pub id: String,
    /// What it trains on.
    pub train: Distribution,
    /// The loss's name.
    pub loss_name: String,
    /// The loss with its constants.
    pub loss: LossSettings,
    /// The seed's number, from 0.
    pub seed: usize,
    /// The seeds derived from it.
    pub seeds: RunSeeds,
    /// Everything that changes the run's numbers, as `run.json` holds it.
    pub settings: Value,
}

/// Everything that changes a run's numbers: no path, thread count or date.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunSettings {
    pub(crate) generator_version: u32,
    pub(crate) kernel_version: u32,
    pub(crate) evaluation_version: u32,
    /// `cpu` or `cuda`: their sums round differently.
    pub(crate) device: String,
    pub(crate) train: Distribution,
    pub(crate) loss: LossSettings,
    pub(crate) root_seed: u64,
    pub(crate) seed: usize,
    pub(crate) samples: Samples,
    pub(crate) training: Budget,
    pub(crate) network: LeNetConfig,
    pub(crate) generator: GeneratorSettings,
    /// SHA-256 of the real outlines.
    pub(crate) outlines: String,
    pub(crate) test: Vec<Distribution>,
    pub(crate) read_outs: Vec<ReadOut>,
}

/// The runs of a study on a device of that kind (`cpu` or `cuda`), seed by seed, so that an
/// unfinished study holds whole seeds.
#[must_use]
pub fn plan(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let study = &resolved.study;
    let mut runs = Vec::new();
    for seed in 0..study.seeds {
        for train in &resolved.train {
            for loss in &study.losses {
                // The study was checked: every name is known.
                if let Some(loss) = LossSettings::named(loss, &study.contrastive) {
                    runs.push(spec(resolved, train, &loss, seed, device_kind));
                }
            }
        }
    }
    runs
}

fn spec(
    resolved: &Resolved,
    train: &Distribution,
    loss: &LossSettings,
    seed: usize,
    device_kind: &str,
) -> RunSpec {
    let study = &resolved.study;
    let settings = RunSettings {
        generator_version: GENERATOR_VERSION,
        kernel_version: KERNEL_VERSION,
        evaluation_version: EVALUATION_VERSION,
        device: device_kind.to_owned(),
        train: train.clone(),
        loss: loss.clone(),
        root_seed: study.root_seed,
        seed,
        samples: study.samples,
        training: study.training,
        network: study.network.clone(),
        generator: study.generator.clone(),
        outlines: resolved.outlines.digest(),
        test: resolved.test.clone(),
        read_outs: study.read_outs.clone(),
    };
    // Plain structs with string keys, and floats that were checked to be finite: nothing in them
    // can fail to become JSON.
    let settings = serde_json::to_value(settings).unwrap_or_default();
    RunSpec {
        id: id(&settings),
        train: train.clone(),
        loss_name: loss.name().to_owned(),
        loss: loss.clone(),
        seed,
        seeds: run_seeds(study.root_seed, seed, &train.name),
        settings,
    }
}

/// The seeds of a run: by name, the same for every loss.
fn run_seeds(root: u64, seed: usize, train: &str) -> RunSeeds {
    let run = derive(root, &["run", &seed.to_string()]);
    RunSeeds {
        train_data: derive(run, &["data", "train", train]),
        validation_data: derive(run, &["data", "validation", train]),
        weights: derive(run, &["weights"]),
        order: derive(run, &["order"]),
    }
}

/// The seed of a set that all runs share.
pub(crate) fn shared_seed(root: u64, purpose: &str, name: &str) -> u64 {
    derive(root, &["shared", purpose, name])
}

/// JSON maps are sorted by key, so equal settings give equal text.
fn id(settings: &Value) -> String {
    let digest = Sha256::digest(settings.to_string().as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
