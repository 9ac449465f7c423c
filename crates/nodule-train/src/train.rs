//! The loop in one call: a fixed budget of shuffled batches, with in-distribution validation after each
//! epoch.

use nodule_error::invalid_value;
use nodule_nn::{Loss, Network};
use serde::{Deserialize, Serialize};

use crate::{Error, Examples, Flat, Step, begin};

/// How much training a run gets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Passes over the training set.
    pub epochs: usize,
    /// Images a step. What does not fill a batch is left out of that epoch; the order differs in
    /// every epoch, so every image is seen.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Ends training before the last epoch, once its loss is flat; without it every epoch is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_flat: Option<Flat>,
}

impl Budget {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |field: &str, value: String, allowed: &str| {
            Err(invalid_value(field, value, allowed).into())
        };
        if self.epochs == 0 {
            return refuse("epochs", self.epochs.to_string(), "at least 1");
        }
        if self.batch_size < 2 {
            let allowed = "at least 2: a contrastive loss needs pairs";
            return refuse("batch_size", self.batch_size.to_string(), allowed);
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return refuse(
                "learning_rate",
                self.learning_rate.to_string(),
                "a positive number",
            );
        }
        self.until_flat.as_ref().map_or(Ok(()), Flat::validate)
    }
}

/// One row of a training history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1; 0 is the untrained network.
    pub epoch: usize,
    /// Mean loss over the epoch's batches; none at epoch 0.
    pub train_loss: Option<f64>,
    /// Mean loss over the validation batches.
    pub validation_loss: f64,
    /// Validation accuracy of the network's own head; none where the loss does not train it.
    pub validation_accuracy: Option<f64>,
}

/// Trains `network` in place and returns its history: one row before training and one an epoch.
///
/// `order_seed` alone decides the order of the samples, so runs that share it see the same
/// batches whatever their loss. `on_epoch` is called with each row as it is known.
/// To stop in the middle and go on another day, see [`begin`].
///
/// # Errors
/// If the budget is not valid, if there are fewer images than a batch, if a loss or an embedding
/// leaves the finite numbers ([`Error::Diverged`], at that step), or if the device fails.
pub fn train(
    network: &dyn Network,
    loss: &dyn Loss,
    budget: &Budget,
    order_seed: u64,
    training: &Examples,
    validation: &Examples,
    mut on_epoch: impl FnMut(&Epoch),
) -> Result<Vec<Epoch>, Error> {
    let mut state = begin(network, loss, budget, order_seed, training, validation)?;
    loop {
        match state.step()? {
            Step::Batch => {}
            Step::Epoch(row) => on_epoch(&row),
            Step::Done => return Ok(state.into_history()),
        }
    }
}
