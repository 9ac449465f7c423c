//! The loop in one call: a fixed budget of shuffled batches, with in-distribution validation after each
//! epoch.

use nodule_config::{Epoch, TrainingConfig};
use nodule_nn::{Loss, Network};

use crate::{Error, Examples, Step, begin};

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
    budget: &TrainingConfig,
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
