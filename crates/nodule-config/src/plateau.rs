//! Stopping rule: the plateau of the training loss. *Ours*.
//!
//! The rule compares training losses, so that every loss is trained to its own end and validation selects nothing. The
//! threshold is relative to the validation loss of the untrained network.

use nodule_error::{InvalidInput, invalid_value};
use serde::{Deserialize, Serialize};

use crate::Epoch;

/// Training ends after the first epoch at which the mean training loss of the last `steps` steps is less than `fall`
/// below the mean of as many steps before them. The fall is relative to the validation loss of the untrained network, since losses
/// differ in scale: cross-entropy begins at 0.69, a contrastive loss elsewhere.
///
/// ```
/// # use nodule_config::{Epoch, Plateau};
/// let plateau = Plateau { steps: 100, fall: 0.01 };
/// let row = |epoch, train_loss| Epoch { epoch, train_loss, validation_loss: 0.7, validation_accuracy: None };
/// let falling = [row(0, None), row(1, Some(0.6)), row(2, Some(0.5))];
/// assert!(!plateau.is_reached(&falling, 100));
/// let level = [row(0, None), row(1, Some(0.6)), row(2, Some(0.599))];
/// assert!(plateau.is_reached(&level, 100));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plateau {
    /// Number of steps per mean, rounded up to whole epochs.
    pub steps: usize,
    /// Smallest decrease of the loss for which training continues, as a fraction of the untrained network's loss; between 0 and 1.
    pub fall: f64,
}

impl Plateau {
    /// Checks both numbers.
    ///
    /// # Errors
    /// Names the field, its value and what is allowed.
    pub(crate) fn validate(&self) -> Result<(), InvalidInput> {
        if self.steps == 0 {
            return Err(invalid_value("until_flat.steps", self.steps, "at least 1"));
        }
        if !(self.fall > 0.0 && self.fall < 1.0) {
            let allowed = "a number between 0 and 1";
            return Err(invalid_value("until_flat.fall", self.fall, allowed));
        }
        Ok(())
    }

    /// Checks that two windows fit into a training of `epochs` epochs of `batches` steps.
    ///
    /// # Errors
    /// Names the field, its value and what is allowed.
    pub(crate) fn check_length(&self, epochs: usize, batches: usize) -> Result<(), InvalidInput> {
        if self.steps.div_ceil(batches) <= epochs / 2 {
            return Ok(());
        }
        if epochs < 2 {
            let allowed = "at least 2, since until_flat compares two means of whole epochs";
            return Err(invalid_value("epochs", epochs, allowed));
        }
        let allowed = format!(
            "at most {}, half of the training ({epochs} epochs of {batches} steps), since two means of whole epochs are compared",
            epochs / 2 * batches
        );
        Err(invalid_value("until_flat.steps", self.steps, allowed))
    }

    /// Returns whether the loss has reached a plateau after these epochs of `batches` steps each, epoch 0 first. Never
    /// before two whole windows, and never if the untrained network's loss is 0.
    #[must_use]
    pub fn is_reached(&self, history: &[Epoch], batches: usize) -> bool {
        let window = self.steps.div_ceil(batches.max(1));
        let losses: Vec<f64> = history.iter().filter_map(|row| row.train_loss).collect();
        let Some(start) = losses.len().checked_sub(2 * window) else {
            return false;
        };
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / window as f64;
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
        let mut rows = vec![row(0, None)];
        rows.extend((1..).zip(losses).map(|(i, loss)| row(i, Some(*loss))));
        rows
    }

    #[test]
    fn windows_are_whole_epochs_and_two_are_needed() {
        // 100 steps are three epochs of 40.
        let (steps, fall) = (100, 0.1);
        let plateau = Plateau { steps, fall };
        let level = history(&[0.3; 6]);
        assert!(!plateau.is_reached(&level[..6], 40));
        assert!(plateau.is_reached(&level, 40));
    }

    #[test]
    fn the_fall_is_relative_to_the_untrained_loss() {
        let (steps, fall) = (1, 0.1);
        let plateau = Plateau { steps, fall };
        // The threshold is 0.05, a tenth of 0.5.
        assert!(!plateau.is_reached(&history(&[0.4, 0.34]), 1));
        assert!(plateau.is_reached(&history(&[0.4, 0.36]), 1));
        // A loss that rises.
        assert!(plateau.is_reached(&history(&[0.4, 0.6]), 1));
        assert!(!plateau.is_reached(&[], 1));
    }

    #[test]
    fn two_windows_fit_into_the_training() {
        let check = |epochs, steps| {
            let plateau = Plateau { steps, fall: 0.1 };
            plateau.check_length(epochs, 4).map_err(|e| e.to_string())
        };
        assert!(check(4, 8).is_ok() && check(5, 8).is_ok());
        let message = check(5, 9).unwrap_err();
        assert!(
            message.contains("steps = 9: must be at most 8, half"),
            "{message}"
        );
        let message = check(1, 1).unwrap_err();
        assert!(
            message.contains("epochs = 1: must be at least 2"),
            "{message}"
        );
    }

    #[test]
    fn rejects_numbers_outside_their_range() {
        for (steps, fall, field) in [(0, 0.1, "steps"), (1, 0.0, "fall"), (1, f64::NAN, "fall")] {
            let message = Plateau { steps, fall }.validate().unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }
}
