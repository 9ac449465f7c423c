//! Stopping rule: the validation loss no longer falls.

use nodule_error::{InvalidInput, invalid_value};
use serde::{Deserialize, Serialize};

use crate::Epoch;

/// Training ends after `patience` epochs in a row without a lower validation loss, and the weights of the epoch with the
/// lowest one are kept (Prechelt 1998). The rule is the same for all losses: each is validated with itself.
///
/// ```
/// use nodule_config::{EarlyStopping, Epoch};
///
/// let row = |epoch, validation_loss| Epoch {
///     epoch,
///     train_loss: None,
///     validation_loss,
///     validation_accuracy: None,
/// };
/// let history = [row(0, 0.7), row(1, 0.5), row(2, 0.6), row(3, 0.5)];
/// let stopping = EarlyStopping { patience: 2 };
/// assert!(!stopping.is_met(&history[..3]));
/// assert!(stopping.is_met(&history));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs without a lower validation loss, after which training ends.
    pub patience: usize,
}

impl EarlyStopping {
    /// Checks the number.
    pub(crate) fn validate(&self, epochs: usize) -> Result<(), InvalidInput> {
        match (1..=epochs).contains(&self.patience) {
            true => Ok(()),
            false => {
                let allowed = format!("from 1 to epochs ({epochs})");
                let field = "early_stopping.patience";
                Err(invalid_value(field, self.patience, allowed))
            }
        }
    }

    /// Returns whether training ends after these epochs, the untrained network first.
    #[must_use]
    pub fn is_met(&self, history: &[Epoch]) -> bool {
        best_epoch(history).is_some_and(|best| history.len() - 1 - best >= self.patience)
    }
}

/// Returns the first trained epoch with the lowest validation loss; `None` before the first one. The untrained network is
/// never the best.
#[must_use]
pub fn best_epoch(history: &[Epoch]) -> Option<usize> {
    let trained = history.iter().enumerate().skip(1);
    let best = trained.min_by(|(_, a), (_, b)| a.validation_loss.total_cmp(&b.validation_loss));
    best.map(|(epoch, _)| epoch)
}
