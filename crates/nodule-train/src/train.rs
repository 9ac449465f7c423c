//! The whole training loop in one call.

use nodule_config::{Epoch, TrainingConfig};
use nodule_nn::{Loss, Network};

use crate::{Dataset, Error, Step, Trainer};

/// Trains `network` in place and returns its history: the untrained network, then one row for each epoch.
///
/// `order_seed` alone determines the order of the images, so that runs with the same seed use the same batches under
/// every loss. `on_epoch` is called after each row. [`Trainer`] does the same step by step, and can be saved and
/// resumed.
///
/// # Errors
/// If `config` is not valid, a data set has fewer images than a batch, a loss or an embedding is not finite
/// ([`Error::Diverged`], at that step), or the device fails.
pub fn train(
    network: &dyn Network,
    loss: &dyn Loss,
    config: &TrainingConfig,
    order_seed: u64,
    training: &Dataset,
    validation: &Dataset,
    mut on_epoch: impl FnMut(&Epoch),
) -> Result<Vec<Epoch>, Error> {
    let mut trainer = Trainer::new(network, loss, config, order_seed, training, validation)?;
    loop {
        match trainer.step()? {
            Step::Batch => {}
            Step::Epoch(row) => on_epoch(&row),
            Step::Done => return trainer.finish(),
        }
    }
}
