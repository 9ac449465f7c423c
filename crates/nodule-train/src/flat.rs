//! When is a training loss flat? A rule that looks at nothing but that loss, so that every loss can be trained
//! to its own end and validation selects nothing. *Ours*.

use nodule_error::invalid_value;
use serde::{Deserialize, Serialize};

use crate::{Epoch, Error};

/// Training is over after the first epoch at which the mean training loss of the last `steps` steps is less
/// than `fall` below that of as many steps before them, in parts of what the untrained network's loss was.
///
/// The scale is each loss's own: cross-entropy begins at 0.69, a contrastive loss elsewhere.
///
/// ```
/// # use nodule_train::{Epoch, Flat};
/// let flat = Flat { steps: 100, fall: 0.01 };
/// let row = |epoch, train_loss| Epoch { epoch, train_loss, validation_loss: 0.7, validation_accuracy: None };
/// let falling = [row(0, None), row(1, Some(0.6)), row(2, Some(0.5))];
/// assert!(!flat.is_reached(&falling, 100));
/// let level = [row(0, None), row(1, Some(0.6)), row(2, Some(0.599))];
/// assert!(flat.is_reached(&level, 100));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flat {
    /// Steps that a mean is over, rounded up to whole epochs.
    pub steps: usize,
    /// The least fall that is still worth training for, in parts of the untrained network's loss: between 0
    /// and 1.
    pub fall: f64,
}

impl Flat {
    /// Checks both numbers.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if self.steps == 0 {
            return Err(invalid_value("until_flat.steps", self.steps, "at least 1").into());
        }
        if !(self.fall > 0.0 && self.fall < 1.0) {
            let allowed = "a number between 0 and 1";
            return Err(invalid_value("until_flat.fall", self.fall, allowed).into());
        }
        Ok(())
    }

    /// Whether it is, after these epochs of `batches` steps each, epoch 0 first. Never before two whole
    /// windows, and never where the untrained network's loss is 0.
    #[must_use]
    pub fn is_reached(&self, history: &[Epoch], batches: usize) -> bool {
        let window = self.steps.div_ceil(batches.max(1));
        let losses: Vec<f64> = history.iter().filter_map(|row| row.train_loss).collect();
        let Some(start) = losses.len().checked_sub(2 * window) else {
            return false;
        };
        let mean = |part: &[f64]| part.iter().sum::<f64>() / window as f64;
        let (before, last) = losses[start..].split_at(window);
        let scale = history.first().map_or(0.0, |row| row.validation_loss);
        mean(before) - mean(last) < self.fall * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(losses: &[f64]) -> Vec<Epoch> {
        let row = |epoch, train_loss| Epoch {
            epoch,
            train_loss,
            validation_loss: 0.5,
            validation_accuracy: None,
        };
        let trained = losses.iter().enumerate();
        let trained = trained.map(|(i, loss)| row(i + 1, Some(*loss)));
        std::iter::once(row(0, None)).chain(trained).collect()
    }

    #[test]
    fn windows_are_whole_epochs_and_two_are_needed() {
        // 100 steps of epochs of 40 are three epochs.
        let flat = Flat {
            steps: 100,
            fall: 0.1,
        };
        let level = history(&[0.3; 6]);
        assert!(!flat.is_reached(&level[..6], 40));
        assert!(flat.is_reached(&level, 40));
    }

    #[test]
    fn a_loss_that_falls_by_a_part_of_where_it_began_is_not_flat() {
        let flat = Flat {
            steps: 1,
            fall: 0.1,
        };
        // 0.05 is a tenth of 0.5.
        assert!(!flat.is_reached(&history(&[0.4, 0.34]), 1));
        assert!(flat.is_reached(&history(&[0.4, 0.36]), 1));
        assert!(
            flat.is_reached(&history(&[0.4, 0.6]), 1),
            "a loss that rises"
        );
        assert!(!flat.is_reached(&[], 1));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for (steps, fall, field) in [(0, 0.1, "steps"), (1, 0.0, "fall"), (1, f64::NAN, "fall")] {
            let message = Flat { steps, fall }.validate().unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }
}
