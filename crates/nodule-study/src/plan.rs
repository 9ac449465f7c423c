//! From a study to its runs: what each one is, its seeds, and the id that hashes what changes
//! its numbers.

use std::collections::BTreeSet;

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
    /// The seed's number, from 0; of the data alone where seeds are crossed.
    pub seed: usize,
    /// The seeds' numbers where they are crossed.
    pub crossed: Option<SeedNumbers>,
    /// The seeds derived from it.
    pub seeds: RunSeeds,
    /// Whose run it is: 0 for the study itself, i + 1 for its variant i.
    pub universe: usize,
    /// What that variant changes, for people; empty for the study itself.
    pub change: String,
    /// Everything that changes the run's numbers, as `run.json` holds it.
    pub settings: Value,
}

impl RunSpec {
    /// What is trained, on what, with which seed and what change, for people.
    #[must_use]
    pub fn title(&self) -> String {
        let seed = match self.crossed {
            None => format!("seed {}", self.seed),
            Some(s) => format!("data {} weights {} order {}", s.data, s.weights, s.order),
        };
        let change = match self.change.is_empty() {
            true => String::new(),
            false => format!(", {}", self.change),
        };
        format!("{} {} {seed}{change}", self.train.name, self.loss_name)
    }

    /// Training images that the run sees: epochs times images, `resolved` being its study.
    #[must_use]
    pub fn images(&self, resolved: &Resolved) -> usize {
        let study = &resolved.universe(self.universe).study;
        study.training.epochs * study.samples.train
    }
}

/// Which seed of each kind a run has, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedNumbers {
    /// Of the training and validation images.
    pub data: usize,
    /// Of the initial weights.
    pub weights: usize,
    /// Of the order of the samples.
    pub order: usize,
}

impl SeedNumbers {
    pub(crate) fn all(number: usize) -> Self {
        Self {
            data: number,
            weights: number,
            order: number,
        }
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crossed: Option<SeedNumbers>,
    pub(crate) samples: Samples,
    pub(crate) training: Budget,
    pub(crate) network: LeNetConfig,
    pub(crate) generator: GeneratorSettings,
    /// SHA-256 of the real outlines.
    pub(crate) outlines: String,
    pub(crate) test: Vec<Distribution>,
    pub(crate) read_outs: Vec<ReadOut>,
}

/// All runs of a study on a device of that kind (`cpu` or `cuda`), each once: those of the grid, seed
/// by seed, so that an unfinished study holds whole seeds; those with crossed seeds; and those of
/// its variants.
#[must_use]
pub fn plan(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let mut runs = grid(resolved, device_kind);
    runs.extend(crossed(resolved, device_kind));
    for (i, variant) in resolved.variants.iter().enumerate() {
        let of_variant = grid(&variant.resolved, device_kind).into_iter();
        runs.extend(of_variant.map(|spec| RunSpec {
            universe: i + 1,
            change: variant.name(),
            ..spec
        }));
    }
    // What a change does not touch is shared: another lambda leaves the runs of `ce` as they are.
    let mut seen = BTreeSet::new();
    runs.retain(|run| seen.insert(run.id.clone()));
    runs
}

/// The runs of one universe: every training distribution, loss and seed.
pub(crate) fn grid(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let study = &resolved.study;
    let mut runs = Vec::new();
    for seed in 0..study.seeds {
        for train in &resolved.train {
            for loss in &study.losses {
                let numbers = SeedNumbers::all(seed);
                runs.extend(spec(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

/// The runs whose seeds are crossed. Those with three equal numbers are the grid's own.
pub(crate) fn crossed(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let Some(crossed) = &resolved.study.crossed else {
        return Vec::new();
    };
    let trains = resolved.train.iter();
    let trains: Vec<_> = trains.filter(|d| crossed.train.contains(&d.name)).collect();
    let n = crossed.seeds;
    let mut runs = Vec::new();
    for i in 0..n.pow(3) {
        let numbers = SeedNumbers {
            data: i / (n * n),
            weights: i / n % n,
            order: i % n,
        };
        for train in &trains {
            for loss in &crossed.losses {
                runs.extend(spec(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

/// One run; none only for a loss that no check let through.
fn spec(
    resolved: &Resolved,
    train: &Distribution,
    loss: &str,
    numbers: SeedNumbers,
    device_kind: &str,
) -> Option<RunSpec> {
    let study = &resolved.study;
    let loss = LossSettings::named(loss, &study.contrastive)?;
    let seed = numbers.data;
    let crossed = (numbers != SeedNumbers::all(seed)).then_some(numbers);
    let settings = RunSettings {
        generator_version: GENERATOR_VERSION,
        kernel_version: KERNEL_VERSION,
        evaluation_version: EVALUATION_VERSION,
        device: device_kind.to_owned(),
        train: train.clone(),
        loss: loss.clone(),
        root_seed: study.root_seed,
        seed,
        crossed,
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
    Some(RunSpec {
        id: id(&settings),
        train: train.clone(),
        loss_name: loss.name().to_owned(),
        loss,
        seed,
        crossed,
        seeds: run_seeds(study.root_seed, numbers, &train.name),
        settings,
        universe: 0,
        change: String::new(),
    })
}

/// The seeds of a run: by name, the same for every loss.
fn run_seeds(root: u64, numbers: SeedNumbers, train: &str) -> RunSeeds {
    let of = |number: usize, names: &[&str]| {
        let run = derive(root, &["run", &number.to_string()]);
        derive(run, names)
    };
    RunSeeds {
        train_data: of(numbers.data, &["data", "train", train]),
        validation_data: of(numbers.data, &["data", "validation", train]),
        weights: of(numbers.weights, &["weights"]),
        order: of(numbers.order, &["order"]),
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
