//! Settings that change a run's numbers, and the run id that hashes them. No path, thread count or date.

use nodule_config::{KERNEL_VERSION, Table, TrainingConfig, kernel_version};
use nodule_error::{InvalidInput, conflict};
use nodule_eval::ReadOut;
use nodule_seed::hex;
use nodule_synth::{Distribution, Fold, GENERATOR_VERSION, GeneratorSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SeedNumbers;
use crate::records::Versions;
use crate::resolved::{DROPOUT, PROJECTION};
use crate::settings::{Resolved, Samples, StudyLoss, StudyNetwork, TrainingSet, UserImages};

/// Version of the evaluation: read-outs, tests, counterfactuals, decision surfaces, maps.
pub const EVALUATION_VERSION: u32 = 4;
/// Version of the mark `done` of a finished run.
const MARK_VERSION: u32 = 1;
/// Network whose kind is left out of run ids.
const IMPLICIT_NETWORK: &str = "lenet";
/// Setting of losses, and the value of it that is left out of run ids.
const IMPLICIT_SETTING: (&str, &str) = ("embedding", "normalised");

/// Everything that changes a run's numbers, as in `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSettings {
    generator_version: u32,
    kernel_version: u32,
    evaluation_version: u32,
    /// `cpu` or `cuda`, whose sums round differently.
    device: String,
    /// Training set.
    pub train: TrainRecord,
    loss: LossRecord,
    root_seed: u64,
    seed: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crossed: Option<SeedNumbers>,
    /// Numbers of images.
    pub samples: Samples,
    training: TrainingConfig,
    network: Table,
    /// Generator.
    pub generator: GeneratorSettings,
    /// SHA-256 of the real outlines.
    pub outlines: String,
    /// SHA-256 of the real lung behind the nodules. `None`: the generator's own background.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backgrounds: Option<String>,
    /// Held-out fold of the groups of real images. `None` if the run trains on no real images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Fold>,
    test: Vec<Distribution>,
    /// The user's own test images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<UserImagesRecord>,
    /// Read-outs.
    pub read_outs: Vec<ReadOut>,
}

/// Training set of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TrainRecord {
    /// Images drawn from a distribution.
    Distribution(Distribution),
    /// The user's own images.
    UserImages(UserImagesRecord),
}

/// The user's own images, by name and content.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserImagesRecord {
    /// Name in tables.
    pub name: String,
    /// SHA-256 of the images.
    pub sha256: String,
    /// Label of the abnormal class. `None`: labels are 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abnormal: Option<String>,
}

/// Loss with its settings beside the name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LossRecord {
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
        let has_groups = resolved.backgrounds.is_some() || train.user_images().is_some();
        Self {
            generator_version: GENERATOR_VERSION,
            kernel_version: kernel_version(&resolved.network.kind),
            evaluation_version: EVALUATION_VERSION,
            device: device_kind.to_owned(),
            train: TrainRecord::from(train),
            loss: LossRecord {
                name: loss.name.clone(),
                settings: loss_settings(loss),
            },
            root_seed: study.root_seed,
            seed,
            crossed: (numbers != SeedNumbers::all(seed)).then_some(numbers),
            samples: study.samples,
            training: study.training.for_loss(&loss.name),
            network: network_table(&resolved.network, loss),
            generator: study.generator.clone(),
            outlines: resolved.outlines.digest().to_owned(),
            backgrounds: resolved.backgrounds.as_ref().map(|b| b.sha256().to_owned()),
            held_out: has_groups.then(|| study.fold()),
            test: resolved.test.clone(),
            images: resolved.images.iter().map(UserImagesRecord::from).collect(),
            read_outs: study.read_outs.clone(),
        }
    }

    /// Checks that this build has the generator and kernels of the run. Others would give other numbers.
    ///
    /// # Errors
    /// Names the version that differs.
    pub fn check_versions(&self) -> Result<(), InvalidInput> {
        for (field, of_run, of_build) in [
            (
                "generator_version",
                self.generator_version,
                GENERATOR_VERSION,
            ),
            (
                "kernel_version",
                self.kernel_version,
                kernel_version(self.network_kind()),
            ),
        ] {
            if of_run != of_build {
                let reason =
                    format!("is {of_run}, but this build has {of_build}; run the study again");
                return Err(conflict(field, reason));
            }
        }
        Ok(())
    }

    /// Returns name and settings of the loss.
    #[must_use]
    pub fn loss(&self) -> (&str, &Table) {
        (&self.loss.name, &self.loss.settings)
    }

    fn network_kind(&self) -> &str {
        let kind = self.network.get("kind").and_then(Value::as_str);
        kind.unwrap_or(IMPLICIT_NETWORK)
    }

    /// Returns the table of the network.
    #[must_use]
    pub fn network(&self) -> &Table {
        &self.network
    }

    /// Returns the settings as JSON, whose maps are sorted by key.
    pub(super) fn to_json(&self) -> Value {
        // Plain structs with string keys and finite numbers always serialize.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl From<&UserImages> for UserImagesRecord {
    fn from(images: &UserImages) -> Self {
        Self {
            name: images.name().to_owned(),
            sha256: images.sha256().to_owned(),
            abnormal: images.abnormal().map(str::to_owned),
        }
    }
}

impl From<&TrainingSet> for TrainRecord {
    fn from(set: &TrainingSet) -> Self {
        match set {
            TrainingSet::Distribution(distribution) => Self::Distribution(distribution.clone()),
            TrainingSet::UserImages(images) => Self::UserImages(images.into()),
        }
    }
}

impl TrainRecord {
    /// Returns the name in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Distribution(distribution) => &distribution.name,
            Self::UserImages(images) => &images.name,
        }
    }
}

fn loss_settings(loss: &StudyLoss) -> Table {
    let mut settings = loss.settings.clone();
    let (name, implicit) = IMPLICIT_SETTING;
    if settings.get(name).is_some_and(|value| value == implicit) {
        settings.remove(name);
    }
    settings
}

/// Returns the settings of the network that matter to a run with `loss`.
fn network_table(network: &StudyNetwork, loss: &StudyLoss) -> Table {
    let mut table = network.settings.clone();
    let projection = network.projection_for(loss);
    if projection > 0 {
        table.insert(PROJECTION.into(), projection.into());
    }
    if network.dropout > 0.0 {
        table.insert(DROPOUT.into(), network.dropout.into());
    }
    if network.kind != IMPLICIT_NETWORK {
        table.insert("kind".into(), network.kind.clone().into());
    }
    table
}

/// Returns the id of a run with these settings: 16 hexadecimal digits of their SHA-256.
pub(crate) fn run_id(settings: &Value) -> String {
    hex(&Sha256::digest(settings.to_string())[..8])
}

/// Returns the versions of this build.
#[must_use]
pub fn build_versions() -> Versions {
    Versions {
        nodule: env!("CARGO_PKG_VERSION").to_owned(),
        generator: GENERATOR_VERSION,
        kernel: KERNEL_VERSION,
        mark: MARK_VERSION,
        commit: env!("NODULE_COMMIT").to_owned(),
    }
}
