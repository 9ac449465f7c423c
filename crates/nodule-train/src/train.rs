//! The loop: a fixed budget of shuffled batches, with in-distribution validation after each epoch.

use nodule_error::refused;
use nodule_nn::{Loss, Network};
use nodule_seed::{derive, stream};
use serde::{Deserialize, Serialize};

use crate::views::with_views;
use crate::{Error, Examples, adam};

/// How much training a run gets, the same for every loss.
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
}

impl Budget {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse =
            |field: &str, value: String, allowed: &str| Err(refused(field, value, allowed).into());
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
        Ok(())
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
    budget.validate()?;
    for (field, set) in [
        ("training images", training),
        ("validation images", validation),
    ] {
        if set.len() < budget.batch_size {
            let allowed = format!("at least one batch ({})", budget.batch_size);
            return Err(refused(field, set.len(), allowed).into());
        }
    }
    let device = network.device();
    let mut optimizer = adam(network.parameters(), budget.learning_rate)?;
    let mut order: Vec<usize> = (0..training.len()).collect();
    let mut random = stream(order_seed);
    let mut views = stream(derive(order_seed, &["views"]));
    let mut history = Vec::with_capacity(budget.epochs + 1);
    let mut keep = |row: Epoch| {
        on_epoch(&row);
        history.push(row);
    };
    keep(validate(network, loss, budget, validation, (0, 0), None)?);
    let mut steps = 0;
    for epoch in 1..=budget.epochs {
        random.shuffle(&mut order);
        let mut total = 0.0;
        let batches = order.chunks_exact(budget.batch_size);
        let count = batches.len();
        for batch in batches {
            let one_view = training.batch(batch, device)?;
            let (images, labels) = with_views(one_view, loss.views(), &mut views)?;
            let (value, gradients) = network.gradients(&images, &labels, loss)?;
            // Before the step: one along such gradients would leave nothing of the network.
            total += finite("training loss", value.to_scalar::<f32>()?, steps)?;
            optimizer.step(&gradients)?;
            steps += 1;
        }
        let train_loss = Some(total / count as f64);
        let place = (epoch, steps);
        keep(validate(
            network, loss, budget, validation, place, train_loss,
        )?);
    }
    Ok(history)
}

fn finite(what: &'static str, value: f32, step: usize) -> Result<f64, Error> {
    let value = f64::from(value);
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::Diverged { what, value, step })
    }
}

/// Loss over whole batches of the validation set, in order, and the head's accuracy. Embeddings are
/// looked at too: a loss that clips them would hide that they left the finite numbers.
fn validate(
    network: &dyn Network,
    loss: &dyn Loss,
    budget: &Budget,
    validation: &Examples,
    (epoch, step): (usize, usize),
    train_loss: Option<f64>,
) -> Result<Epoch, Error> {
    let indices: Vec<usize> = (0..validation.len()).collect();
    // The same views after every epoch.
    let mut views = stream(0);
    let batches = indices.chunks_exact(budget.batch_size);
    let (count, mut total, mut correct) = (batches.len(), 0.0, 0.0);
    for batch in batches {
        let one_view = validation.batch(batch, network.device())?;
        let (images, labels) = with_views(one_view, loss.views(), &mut views)?;
        let output = network.forward(&images)?;
        for value in output.embedding.flatten_all()?.to_vec1::<f32>()? {
            finite("embedding", value, step)?;
        }
        let value = loss.compute(&output, &labels)?.to_scalar::<f32>()?;
        total += finite("validation loss", value, step)?;
        let decided = output.logits.argmax(1)?;
        correct += f64::from(
            decided
                .eq(&labels)?
                .to_dtype(candle_core::DType::F32)?
                .sum_all()?
                .to_scalar::<f32>()?,
        );
    }
    let images = (count * budget.batch_size * loss.views()) as f64;
    Ok(Epoch {
        epoch,
        train_loss,
        validation_loss: total / count as f64,
        validation_accuracy: loss.trains_head().then_some(correct / images),
    })
}
