//! What changes a run's numbers, and the id that hashes it: no path, thread count or date.

use nodule_config::{KERNEL_VERSION, Table, TrainingConfig};
use nodule_error::{InvalidInput, invalid_value};
use nodule_eval::ReadOut;
use nodule_seed::hex;
use nodule_synth::{Distribution, Fold, GENERATOR_VERSION, GeneratorSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SeedNumbers;
use crate::records::Versions;
use crate::settings::{GivenImages, Resolved, Samples, StudyLoss, StudyNetwork, TrainingSet};

/// Version of what is measured on a trained network: read-outs, tests, counterfactuals, landscapes,
/// maps.
const EVALUATION_VERSION: u32 = 4;
/// Version of the mark that finishes a run: from 1 on it lists the run's files.
const MARK_VERSION: u32 = 1;
/// The network that a table without a `kind` is of.
const PLAIN_NETWORK: &str = "lenet";
/// A setting of losses that there was not always, and what runs of before had: they keep their ids.
const PLAIN_EMBEDDING: (&str, &str) = ("embedding", "normalised");

/// Everything that changes a run's numbers, as `run.json` holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSettings {
    generator_version: u32,
    kernel_version: u32,
    evaluation_version: u32,
    /// `cpu` or `cuda`: their sums round differently.
    device: String,
    /// What it trains on.
    pub train: TrainedOn,
    loss: LossTable,
    root_seed: u64,
    seed: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crossed: Option<SeedNumbers>,
    /// How many images of each kind.
    pub samples: Samples,
    training: TrainingConfig,
    network: Table,
    /// The generator.
    pub generator: GeneratorSettings,
    /// SHA-256 of the real outlines.
    pub outlines: String,
    /// SHA-256 of the real lung that nodules are drawn over, if it is not the generator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backgrounds: Option<String>,
    /// Which groups of real images it was not trained on, if it was trained on any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Fold>,
    test: Vec<Distribution>,
    /// Images of the user's own that it is tested on, by name and hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<GivenRecord>,
    /// The read-outs asked for.
    pub read_outs: Vec<ReadOut>,
}

/// What a run trains on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TrainedOn {
    /// Images drawn from that distribution.
    Drawn(Distribution),
    /// Images of the user's own.
    Given(GivenRecord),
}

/// Images of the user's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenRecord {
    /// What they are called.
    pub name: String,
    /// Which they are.
    pub sha256: String,
}

/// A loss by name, with its settings beside the name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LossTable {
    name: String,
    #[serde(flatten)]
    settings: Table,
}

impl RunSettings {
    pub(super) fn new(
        resolved: &Resolved,
        train: &TrainingSet,
        loss: &StudyLoss,
        numbers: SeedNumbers,
        device_kind: &str,
    ) -> Self {
        let study = &resolved.study;
        let seed = numbers.data;
        Self {
            generator_version: GENERATOR_VERSION,
            kernel_version: KERNEL_VERSION,
            evaluation_version: EVALUATION_VERSION,
            device: device_kind.to_owned(),
            train: TrainedOn::from(train),
            loss: LossTable {
                name: loss.name.clone(),
                settings: loss_table(loss),
            },
            root_seed: study.root_seed,
            seed,
            crossed: (numbers != SeedNumbers::all(seed)).then_some(numbers),
            samples: study.samples,
            training: study.training.of(&loss.name),
            network: network_table(&resolved.network),
            generator: study.generator.clone(),
            outlines: resolved.outlines.digest().to_owned(),
            backgrounds: resolved.backgrounds.as_ref().map(|b| b.sha256.clone()),
            held_out: (resolved.backgrounds.is_some() || train.given().is_some())
                .then(|| study.fold()),
            test: resolved.test.clone(),
            images: given(resolved),
            read_outs: study.read_outs.clone(),
        }
    }

    /// Refuses a run of another version of what draws images and computes: asked again by this build, it
    /// would answer with other numbers.
    ///
    /// # Errors
    /// Naming the version and both numbers.
    pub fn check_versions(&self) -> Result<(), InvalidInput> {
        for (field, of_run, here) in [
            (
                "generator_version",
                self.generator_version,
                GENERATOR_VERSION,
            ),
            ("kernel_version", self.kernel_version, KERNEL_VERSION),
        ] {
            if of_run != here {
                let allowed = format!("{here}, the version of this build: run the study again");
                return Err(invalid_value(field, of_run, allowed));
            }
        }
        Ok(())
    }

    /// The loss's name and settings.
    #[must_use]
    pub fn loss(&self) -> (&str, &Table) {
        (&self.loss.name, &self.loss.settings)
    }

    /// The network's table.
    #[must_use]
    pub fn network(&self) -> &Table {
        &self.network
    }

    /// As JSON, whose maps are sorted by key.
    pub(super) fn json(&self) -> Value {
        // Plain structs with string keys, and floats that were checked to be finite: nothing in them
        // can fail to become JSON.
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn given(resolved: &Resolved) -> Vec<GivenRecord> {
    resolved.images.iter().map(GivenRecord::from).collect()
}

impl From<&GivenImages> for GivenRecord {
    fn from(given: &GivenImages) -> Self {
        Self {
            name: given.name.clone(),
            sha256: given.sha256.clone(),
        }
    }
}

impl From<&TrainingSet> for TrainedOn {
    fn from(set: &TrainingSet) -> Self {
        match set {
            TrainingSet::Drawn(distribution) => Self::Drawn(distribution.clone()),
            TrainingSet::Given(given) => Self::Given(given.into()),
        }
    }
}

impl TrainedOn {
    /// What tables call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Drawn(distribution) => &distribution.name,
            Self::Given(given) => &given.name,
        }
    }
}

fn loss_table(loss: &StudyLoss) -> Table {
    let mut table = loss.settings.clone();
    let (name, plain) = PLAIN_EMBEDDING;
    if table.get(name).is_some_and(|value| value == plain) {
        table.remove(name);
    }
    table
}

fn network_table(network: &StudyNetwork) -> Table {
    let mut table = network.settings.clone();
    if network.kind != PLAIN_NETWORK {
        table.insert("kind".into(), network.kind.clone().into());
    }
    table
}

/// The id of a run of these settings: 16 hexadecimal digits. Equal settings give equal text.
pub(crate) fn id(settings: &Value) -> String {
    hex(&Sha256::digest(settings.to_string())[..8])
}

/// The versions of this build.
#[must_use]
pub fn versions() -> Versions {
    Versions {
        nodule: env!("CARGO_PKG_VERSION").to_owned(),
        generator: GENERATOR_VERSION,
        kernel: KERNEL_VERSION,
        mark: MARK_VERSION,
        commit: env!("NODULE_COMMIT").to_owned(),
    }
}
