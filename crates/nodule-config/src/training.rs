//! Settings of a training run, and the record of each of its epochs. `nodule-train` trains with them.

use std::ops::RangeInclusive;

use nodule_error::{InvalidInput, conflict, invalid_value};
use serde::{Deserialize, Serialize};

use crate::{Augmentation, EarlyStopping, Plateau};

/// Learning rates whose steps, of about that size per weight, 32-bit floating point can hold. Large ones are reported as
/// divergence of the run.
const LEARNING_RATES: RangeInclusive<f64> = 1e-9..=1e30;

/// Length of training, batch size, optimizer, learning rate and augmentation.
///
/// Settings with their default are left out of a run's id where that says so below, so that the ids of older runs stay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Passes over the training set; the largest number if `until_flat` or `early_stopping` is set.
    pub epochs: usize,
    /// Images per step. An incomplete last batch is left out of its epoch; the order differs in every epoch, so every
    /// image is used.
    pub batch_size: usize,
    /// Largest step size of the optimizer, 1e-9 to 1e30, which `schedule` reduces.
    pub learning_rate: f64,
    /// Optimizer.
    #[serde(skip_serializing_if = "is_default")]
    pub optimizer: OptimizerName,
    /// Momentum of `sgd`, from 0 to below 1; `None` is 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// Weight decay as in PyTorch: `adamw` shrinks the weights themselves (Loshchilov and Hutter 2019), `adam` and `sgd`
    /// add the penalty to the gradient.
    #[serde(skip_serializing_if = "is_default")]
    pub weight_decay: f64,
    /// Largest Euclidean norm of the gradient of all parameters; longer gradients are scaled down to it. `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f64>,
    /// Course of the learning rate.
    #[serde(skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Epochs at the beginning in which the learning rate rises from zero, linearly in steps.
    #[serde(skip_serializing_if = "is_default")]
    pub warm_up_epochs: usize,
    /// Epochs between two reductions of the schedule `step`; `None`: a third of `epochs`, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_epochs: Option<usize>,
    /// Factor of each reduction of the schedule `step`; `None`: 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_factor: Option<f64>,
    /// Ends training early when the training loss has reached a plateau; `None` uses every epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_flat: Option<Plateau>,
    /// Ends training early when the validation loss no longer falls, and keeps the best weights; `None` keeps the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Random changes of the training images; `None` trains on the images as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment: Option<Augmentation>,
}

/// Optimizers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerName {
    /// Adam (Kingma and Ba 2015).
    #[default]
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW,
    /// Stochastic gradient descent with momentum.
    Sgd,
}

/// Courses of the learning rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Always `learning_rate`.
    #[default]
    Constant,
    /// Falls to zero at the end of `epochs` along half a cosine, in steps (Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// Multiplied by `decay_factor` after every `decay_epochs` epochs.
    Step,
}

impl TrainingConfig {
    /// Settings for a first look (*ours*).
    pub const DEFAULT: Self = Self {
        epochs: 12,
        batch_size: 16,
        learning_rate: 1e-3,
        optimizer: OptimizerName::Adam,
        momentum: None,
        weight_decay: 0.0,
        gradient_clip: None,
        schedule: Schedule::Constant,
        warm_up_epochs: 0,
        decay_epochs: None,
        decay_factor: None,
        until_flat: None,
        early_stopping: None,
        augment: None,
    };

    /// Checks every number, and that every setting has an effect.
    ///
    /// # Errors
    /// Names the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), InvalidInput> {
        if self.epochs == 0 {
            return Err(invalid_value("epochs", self.epochs, "at least 1"));
        }
        if self.batch_size < 2 {
            let allowed = "at least 2: a contrastive loss needs pairs";
            return Err(invalid_value("batch_size", self.batch_size, allowed));
        }
        if !LEARNING_RATES.contains(&self.learning_rate) {
            let allowed = "a positive number, from 1e-9 to 1e30, since 32-bit weights hold no smaller and no larger steps";
            return Err(invalid_value("learning_rate", self.learning_rate, allowed));
        }
        self.validate_optimizer()?;
        self.validate_schedule()?;
        if self.until_flat.is_some() && self.early_stopping.is_some() {
            let reason = "until_flat and early_stopping both end training; keep one of them";
            return Err(conflict("early_stopping", reason));
        }
        if let Some(stopping) = &self.early_stopping {
            stopping.validate(self.epochs)?;
        }
        if let Some(augment) = &self.augment {
            augment.validate()?;
        }
        self.until_flat.as_ref().map_or(Ok(()), Plateau::validate)
    }

    /// Checks that training on `images` images is long enough for the loss to reach the plateau of `until_flat`.
    ///
    /// # Errors
    /// If two windows of its steps, rounded up to whole epochs, are longer than the training.
    pub fn check_plateau(&self, images: usize) -> Result<(), InvalidInput> {
        let batches = (images / self.batch_size).max(1);
        let checked = self
            .until_flat
            .map(|p| p.check_length(self.epochs, batches));
        checked.unwrap_or(Ok(()))
    }

    fn validate_optimizer(&self) -> Result<(), InvalidInput> {
        match (self.momentum, self.optimizer) {
            (Some(momentum), OptimizerName::Sgd) if !(0.0..1.0).contains(&momentum) => {
                let allowed = "a number from 0 to below 1";
                return Err(invalid_value("momentum", momentum, allowed));
            }
            (Some(_), OptimizerName::Adam | OptimizerName::AdamW) => {
                let reason = "has no effect: only the optimizer sgd has momentum; remove it";
                return Err(conflict("momentum", reason));
            }
            _ => {}
        }
        let decay = self.weight_decay;
        if !(decay.is_finite() && decay >= 0.0 && decay * self.learning_rate < 1.0) {
            let allowed =
                "a number from 0 to below 1 / learning_rate: more would turn the weights around";
            return Err(invalid_value("weight_decay", decay, allowed));
        }
        match self.gradient_clip {
            Some(norm) if !(norm.is_finite() && norm > 0.0) => {
                Err(invalid_value("gradient_clip", norm, "a positive number"))
            }
            _ => Ok(()),
        }
    }

    fn validate_schedule(&self) -> Result<(), InvalidInput> {
        if self.warm_up_epochs >= self.epochs && self.warm_up_epochs > 0 {
            let allowed = format!("less than epochs ({})", self.epochs);
            return Err(invalid_value(
                "warm_up_epochs",
                self.warm_up_epochs,
                allowed,
            ));
        }
        if self.schedule != Schedule::Step {
            let no_effect = |field| {
                let reason = "has no effect: only the schedule step has it; remove it";
                Err(conflict(field, reason))
            };
            return match (self.decay_epochs, self.decay_factor) {
                (Some(_), _) => no_effect("decay_epochs"),
                (None, Some(_)) => no_effect("decay_factor"),
                (None, None) => Ok(()),
            };
        }
        let every = self.decay_epochs();
        if !(1..self.epochs).contains(&every) {
            let allowed = format!(
                "from 1 to below epochs ({}): otherwise the learning rate never falls",
                self.epochs
            );
            return Err(invalid_value("decay_epochs", every, allowed));
        }
        let factor = self.decay_factor();
        match factor > 0.0 && factor < 1.0 {
            true => Ok(()),
            false => Err(invalid_value(
                "decay_factor",
                factor,
                "a number between 0 and 1",
            )),
        }
    }

    /// Returns the momentum of `sgd`.
    #[must_use]
    pub fn momentum(&self) -> f64 {
        self.momentum.unwrap_or(0.9)
    }

    /// Returns the learning rate of a step, counted from 0, in a training with `batches` steps per epoch.
    ///
    /// It equals PyTorch's schedulers, called after every step: `LinearLR` from `1 / (w + 1)` over the `w` steps of
    /// warm-up, then `ConstantLR`, `CosineAnnealingLR` or `StepLR` over the remaining ones.
    ///
    /// ```
    /// use nodule_config::{Schedule, TrainingConfig};
    ///
    /// let schedule = Schedule::Cosine;
    /// let config = TrainingConfig { epochs: 4, schedule, ..TrainingConfig::DEFAULT };
    /// let rates: Vec<_> = (0..4).map(|step| config.learning_rate_at(step, 1)).collect();
    /// assert_eq!((rates[0], rates[2]), (1e-3, 5e-4));
    /// ```
    #[must_use]
    pub fn learning_rate_at(&self, step: usize, batches: usize) -> f64 {
        let warm_up = self.warm_up_epochs * batches;
        let Some(step) = step.checked_sub(warm_up) else {
            return self.learning_rate * (step + 1) as f64 / (warm_up + 1) as f64;
        };
        let factor = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => {
                let part = step as f64 / (self.epochs * batches - warm_up).max(1) as f64;
                f64::midpoint(1.0, (std::f64::consts::PI * part).cos())
            }
            Schedule::Step => {
                let reductions = step / (self.decay_epochs() * batches).max(1);
                let reductions = i32::try_from(reductions).unwrap_or(i32::MAX);
                self.decay_factor().powi(reductions)
            }
        };
        self.learning_rate * factor
    }

    fn decay_epochs(&self) -> usize {
        self.decay_epochs.unwrap_or(self.epochs.div_ceil(3))
    }

    fn decay_factor(&self) -> f64 {
        self.decay_factor.unwrap_or(0.1)
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether a setting has its default.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One row of a training history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Number of the epoch, from 1; 0 is the untrained network.
    pub epoch: usize,
    /// Mean loss over the epoch's batches; `None` for epoch 0.
    pub train_loss: Option<f64>,
    /// Mean loss over the validation batches.
    pub validation_loss: f64,
    /// Validation accuracy of the network's own head; `None` if the loss does not train it.
    pub validation_accuracy: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: TrainingConfig = TrainingConfig::DEFAULT;

    #[test]
    fn settings_with_their_defaults_are_not_written() {
        let text = serde_json::to_string(&DEFAULT).unwrap();
        assert_eq!(
            text,
            r#"{"epochs":12,"batch_size":16,"learning_rate":0.001}"#
        );
    }

    #[test]
    fn the_learning_rate_rises_and_falls() {
        let config = TrainingConfig {
            epochs: 6,
            learning_rate: 1.0,
            warm_up_epochs: 1,
            schedule: Schedule::Step,
            ..DEFAULT
        };
        let rates: Vec<_> = (0..12).map(|s| config.learning_rate_at(s, 2)).collect();
        let expected = [1. / 3., 2. / 3., 1., 1., 1., 1., 0.1, 0.1, 0.1, 0.1, 0.01];
        for (found, expected) in rates.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{rates:?}");
        }
    }

    #[test]
    fn learning_rates_have_bounds() {
        let check = |learning_rate| {
            let config = TrainingConfig {
                learning_rate,
                ..DEFAULT
            };
            config.validate().is_ok()
        };
        assert!([1e-9, 1e-3, 1e30].into_iter().all(check));
        let outside = [1e-10, 0.0, -1.0, 1.1e30, 1e300, f64::NAN];
        assert!(!outside.into_iter().any(check));
    }

    #[test]
    fn rejects_settings_out_of_range_or_without_effect() {
        let sgd = OptimizerName::Sgd;
        let step = Schedule::Step;
        let stop = |patience| Some(EarlyStopping { patience });
        let flat = Some(Plateau {
            steps: 1,
            fall: 0.1,
        });
        #[rustfmt::skip]
        let cases = [
            ("momentum has no effect", TrainingConfig { momentum: Some(0.5), ..DEFAULT }),
            ("momentum = 1", TrainingConfig { momentum: Some(1.0), optimizer: sgd, ..DEFAULT }),
            ("weight_decay = -1", TrainingConfig { weight_decay: -1.0, ..DEFAULT }),
            ("weight_decay = 1000", TrainingConfig { weight_decay: 1000.0, ..DEFAULT }),
            ("weight_decay = NaN", TrainingConfig { weight_decay: f64::NAN, ..DEFAULT }),
            ("gradient_clip = 0", TrainingConfig { gradient_clip: Some(0.0), ..DEFAULT }),
            ("warm_up_epochs = 12", TrainingConfig { warm_up_epochs: 12, ..DEFAULT }),
            ("decay_epochs has no effect", TrainingConfig { decay_epochs: Some(3), ..DEFAULT }),
            ("decay_factor has no effect", TrainingConfig { decay_factor: Some(0.5), ..DEFAULT }),
            ("decay_epochs = 12", TrainingConfig { decay_epochs: Some(12), schedule: step, ..DEFAULT }),
            ("decay_epochs = 1", TrainingConfig { epochs: 1, schedule: step, ..DEFAULT }),
            ("decay_factor = 1", TrainingConfig { decay_factor: Some(1.0), schedule: step, ..DEFAULT }),
            ("patience = 0", TrainingConfig { early_stopping: stop(0), ..DEFAULT }),
            ("patience = 13", TrainingConfig { early_stopping: stop(13), ..DEFAULT }),
            ("both end training", TrainingConfig { early_stopping: stop(1), until_flat: flat, ..DEFAULT }),
            ("augment has no effect", TrainingConfig { augment: Some(Augmentation::default()), ..DEFAULT }),
        ];
        for (expected, config) in cases {
            let message = config.validate().unwrap_err().to_string();
            let message = message.replace(": ", " ");
            assert!(message.contains(expected), "{expected}: {message}");
        }
        DEFAULT.validate().unwrap();
    }
}
