//! Study file: its tables as types, and its text.

mod built_in;
mod claims_file;
mod image_set;
mod parse;
mod samples;
mod training;
mod trend;
mod variation;

use nodule_eval::ReadOut;
use nodule_synth::{Fold, GeneratorSettings};
use serde::{Deserialize, Serialize};

use crate::claims::Hypothesis;

pub use built_in::built_in_studies;
pub(crate) use built_in::find_built_in;
pub use claims_file::read_claims;
pub use image_set::{BackgroundsTable, ImageSet, UserImagesTable};
pub use parse::{parse_toml, to_f64};
pub(crate) use parse::{to_json, to_toml};
pub use samples::Samples;
pub use training::{LossTraining, TrainingTable};
pub(crate) use training::{training_setting_names, training_settings};
pub use trend::Trend;
pub use variation::{Combine, Crossed, TUNING_READ_OUT, Tune, Vary};

/// One study, as its file declares it. Unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Short name. The default output folder is `results/<name>`.
    pub name: String,
    /// Purpose of the study, in a sentence. The report prints it.
    #[serde(default)]
    pub description: String,
    /// Changes made after results were known, one sentence each. The report prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
    /// Root of every seed.
    #[serde(default)]
    pub root_seed: u64,
    /// Number of seeds of each training set and loss: the n of the statistics.
    pub seeds: usize,
    /// Training sets: distributions (built-in names, or files relative to the study file) and the user's own images.
    pub train: Vec<ImageSet>,
    /// Test sets, as the training sets.
    pub test: Vec<ImageSet>,
    /// Names of the losses.
    pub losses: Vec<String>,
    /// Read-outs of every network.
    #[serde(default = "all_read_outs")]
    pub read_outs: Vec<ReadOut>,
    /// Numbers of images.
    #[serde(default)]
    pub samples: Samples,
    /// Training settings of all losses, and in `[training.loss.NAME]` those of one.
    #[serde(default)]
    pub training: TrainingTable,
    /// Settings of the losses: `[loss.NAME]` holds those of one, and `[loss]` those of all losses that have them.
    #[serde(default, rename = "loss")]
    pub loss_settings: toml::Table,
    /// Network: its `kind` and settings.
    #[serde(default)]
    pub network: toml::Table,
    /// Generator.
    #[serde(default)]
    pub generator: GeneratorSettings,
    /// File of real outlines, relative to the study file. `None`: the built-in ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlines: Option<String>,
    /// Random search for the settings of each loss, before the study is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<Tune>,
    /// Real lung as background of the nodules. `None`: the generator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backgrounds: Option<BackgroundsTable>,
    /// Held-out fold of the groups (such as patients) of real images. `None`: the first of three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Fold>,
    /// Variants: settings that are changed, to test what the verdicts depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vary: Option<Vary>,
    /// Crossed seeds of data, initial weights and order of samples, to find the sources of variance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed: Option<Crossed>,
    /// Claims, declared before the run. Holm corrects over all of them.
    #[serde(default, rename = "hypothesis", skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
    /// Trends: claims about how the difference of another claim changes with a varied setting. Holm corrects over all of
    /// them.
    #[serde(default, rename = "trend", skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<Trend>,
}

impl Study {
    /// Returns the names of the training sets, as the study file has them.
    pub fn train_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.train.iter().map(ImageSet::name)
    }

    /// Returns the held-out fold: that of `[held_out]`, or the first of three, with the folds of training groups.
    #[must_use]
    pub fn fold(&self) -> Fold {
        self.held_out.clone().unwrap_or_default()
    }

    /// Returns the number of a setting, such as `samples.train`; `None` for a setting of several losses, which has no
    /// single value.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        let document = toml::Value::try_from(self).ok()?;
        let mut parts = key.split('.');
        match parts.try_fold(&document, |table, part| table.get(part)) {
            Some(value) => to_f64(value),
            None => ZERO_IF_ABSENT.contains(&key).then_some(0.0),
        }
    }

    /// Returns the largest number of epochs of any loss.
    #[must_use]
    pub fn max_epochs(&self) -> usize {
        let epochs = |loss: &String| self.training.for_loss(loss).epochs;
        let all = self.losses.iter().map(epochs);
        all.max().unwrap_or(self.training.all.epochs)
    }

    /// Returns the largest batch size of any loss.
    pub(crate) fn max_batch_size(&self) -> usize {
        let batch_size = |loss: &String| self.training.for_loss(loss).batch_size;
        let all = self.losses.iter().map(batch_size);
        all.max().unwrap_or(self.training.all.batch_size)
    }
}

/// Settings that are not written if they are 0.
const ZERO_IF_ABSENT: [&str; 4] = [
    "training.weight_decay",
    "training.warm_up_epochs",
    "network.projection",
    "network.dropout",
];

fn all_read_outs() -> Vec<ReadOut> {
    ReadOut::ALL.to_vec()
}
