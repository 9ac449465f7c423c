//! A custom loss: cross-entropy with label smoothing (Szegedy et al. 2016, section 7).

use candle_core::{D, Tensor};
use nodule_nn::{Error, Loss, Output};

/// Cross-entropy with target probability `1 - smoothing` for the labelled class, plus `smoothing` shared by both classes.
#[derive(Debug)]
pub(crate) struct Smoothed {
    /// From 0 (cross-entropy) to 1 (labels have no effect).
    pub(crate) smoothing: f64,
}

impl Loss for Smoothed {
    fn trains_head(&self) -> bool {
        true
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        let logits = &output.logits;
        let shifted = logits.broadcast_sub(&logits.max_keepdim(D::Minus1)?.detach())?;
        let log_total = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
        let log_probabilities = shifted.broadcast_sub(&log_total)?;
        let labelled = log_probabilities
            .gather(&labels.unsqueeze(1)?, 1)?
            .mean_all()?;
        let uniform = log_probabilities.mean_all()?;
        let loss = ((labelled * (1.0 - self.smoothing))? + (uniform * self.smoothing)?)?;
        Ok(loss.neg()?)
    }
}
