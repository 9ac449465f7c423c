//! Settings of a training run, and the record of each of its epochs. `nodule-train` trains with them.

use nodule_error::{InvalidInput, invalid_value};
use serde::{Deserialize, Serialize};

use crate::Plateau;

/// Length of training, batch size and learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Passes over the training set; the largest number if `until_flat` is set.
    pub epochs: usize,
    /// Images per step. An incomplete last batch is left out of its epoch; the order differs in every epoch, so every
    /// image is used.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Ends training early when the training loss has reached a plateau; `None` uses every epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_flat: Option<Plateau>,
}

impl Default for TrainingConfig {
    /// Settings for a first look (*ours*).
    fn default() -> Self {
        Self {
            epochs: 12,
            batch_size: 16,
            learning_rate: 1e-3,
            until_flat: None,
        }
    }
}

impl TrainingConfig {
    /// Checks every number.
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
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            let allowed = "a positive number";
            return Err(invalid_value("learning_rate", self.learning_rate, allowed));
        }
        self.until_flat.as_ref().map_or(Ok(()), Plateau::validate)
    }
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
