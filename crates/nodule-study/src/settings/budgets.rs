//! How much training a run gets: `[training]` for all losses, and `[training.loss.NAME]` for what one of
//! them has otherwise.

use std::collections::BTreeMap;

use nodule_config::{Plateau, TrainingConfig};
use nodule_error::{InvalidInput, invalid_value, one_of};
use serde::{Deserialize, Serialize};

use super::{Registry, Study};

/// The table `[training]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Passes over the training set.
    pub epochs: usize,
    /// Images a step.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Ends training before the last epoch, once its loss is flat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_flat: Option<Plateau>,
    /// What a loss has otherwise, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loss: BTreeMap<String, OwnBudget>,
}

/// The table `[training.loss.NAME]`: what is left out is as for all losses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnBudget {
    /// Passes over the training set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// Images a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,
    /// Adam's step size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
}

/// The settings that a loss may have otherwise.
pub(super) const OWN: [&str; 3] = ["epochs", "batch_size", "learning_rate"];

impl Budgets {
    /// That of runs with the loss of that name.
    #[must_use]
    pub fn of(&self, loss: &str) -> TrainingConfig {
        let own = self.loss.get(loss).copied().unwrap_or_default();
        TrainingConfig {
            epochs: own.epochs.unwrap_or(self.epochs),
            batch_size: own.batch_size.unwrap_or(self.batch_size),
            learning_rate: own.learning_rate.unwrap_or(self.learning_rate),
            until_flat: self.until_flat,
        }
    }

    /// That of `[training]`, then those of losses that have one otherwise, each with its table's name.
    pub(super) fn tables(&self) -> Vec<(String, TrainingConfig)> {
        let own = self.loss.keys();
        let own = own.map(|loss| (format!("training.loss.{loss}"), self.of(loss)));
        // No loss has an empty name.
        std::iter::once(("training".to_owned(), self.of("")))
            .chain(own)
            .collect()
    }
}

impl Study {
    /// The most epochs that a run of it has.
    #[must_use]
    pub fn most_epochs(&self) -> usize {
        let all = self.losses.iter();
        let all = all.map(|loss| self.training.of(loss).epochs);
        all.max().unwrap_or(self.training.epochs)
    }

    /// The most images that a step of it has.
    pub(crate) fn largest_batch(&self) -> usize {
        let all = self.losses.iter();
        let all = all.map(|loss| self.training.of(loss).batch_size);
        all.max().unwrap_or(self.training.batch_size)
    }
}

/// Leaves out what is of losses that the study does not train with, as `[loss]` does.
///
/// # Errors
/// For the table of a loss that there is not: it would be ignored in silence.
pub(super) fn own_of_study(study: &mut Study, registry: &Registry) -> Result<(), InvalidInput> {
    let own = &mut study.training.loss;
    let unknown = own
        .keys()
        .find(|name| !registry.losses().any(|l| l == *name));
    if let Some(name) = unknown {
        let allowed = format!(
            "{}, each with a table of its own",
            one_of(registry.losses())
        );
        let refused = invalid_value("training.loss", name, allowed);
        return Err(refused.suggest_value(registry.losses()));
    }
    let losses = &study.losses;
    own.retain(|name, own| losses.contains(name) && *own != OwnBudget::default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::plan::plan;
    use crate::settings::built_in::built_in_study;
    use crate::settings::parse_study;
    use crate::{Registry, Resolved};

    fn smoke_with(own: &str) -> Result<Resolved, String> {
        let smoke = built_in_study("smoke").unwrap();
        let text = smoke.replacen("[loss]", &format!("{own}\n[loss]"), 1);
        let parsed = parse_study(&text, "mine.toml", Path::new("."), &Registry::default());
        parsed.map_err(|e| e.to_string())
    }

    #[test]
    fn what_a_loss_has_otherwise_moves_its_runs_alone() {
        let before = plan(&smoke_with("").unwrap(), "cpu");
        let own = "[training.loss.ce]\nepochs = 5\nlearning_rate = 0.01";
        let after = plan(&smoke_with(own).unwrap(), "cpu");
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            let is_ce = after.loss.name == "ce";
            assert_eq!(before.id != after.id, is_ce);
            assert_eq!(after.training.epochs, if is_ce { 5 } else { 2 });
            assert_eq!(after.training.batch_size, before.training.batch_size);
        }
        // Said again, it is as it was.
        let same = smoke_with("[training.loss.ce]\nepochs = 2").unwrap();
        let ids = |specs: &[crate::RunSpec]| specs.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&plan(&same, "cpu")), ids(&before));
    }

    #[test]
    fn the_table_of_a_loss_is_checked_like_that_of_all() {
        for (own, words) in [
            (
                "[training.loss.cee]\nepochs = 3",
                "training.loss = cee: must be one of",
            ),
            (
                "[training.loss.contrastiv]\nepochs = 3",
                "did you mean contrastive?",
            ),
            ("[training.loss.ce]\nepoch = 3", "did you mean epochs?"),
            (
                "[training.loss.ce]\nepochs = 0",
                "training.loss.ce.epochs = 0: must be at least 1",
            ),
            (
                "[training.loss.ce]\nepochs = 1000001",
                "training.loss.ce.epochs = 1000001",
            ),
            (
                "[training.loss.ce]\nbatch_size = 65",
                "training.loss.ce.batch_size = 65",
            ),
            (
                "[training.loss.ce]\nlearning_rate = -1.0",
                "training.loss.ce.learning_rate = -1",
            ),
        ] {
            let message = smoke_with(own).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(words),
                "{message}"
            );
        }
        // Of a loss that the study does not train with: as [loss.NAME], it changes nothing.
        let other = smoke_with("[training.loss.triplet]\nepochs = 3").unwrap();
        assert_eq!(other.study, smoke_with("").unwrap().study);
    }
}
