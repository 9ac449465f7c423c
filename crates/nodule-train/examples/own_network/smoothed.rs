//! A loss of one's own: cross-entropy with smoothed labels (Szegedy et al. 2016, section 7).

use candle_core::{D, Tensor};
use nodule_nn::{Error, Loss, Output};

/// Cross-entropy against `1 - smoothing` for the right class and the rest shared by both.
#[derive(Debug)]
pub(crate) struct Smoothed {
    /// From 0, which is cross-entropy, to 1, which tells nothing.
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
        let log_shares = shifted.broadcast_sub(&log_total)?;
        let right = log_shares.gather(&labels.unsqueeze(1)?, 1)?.mean_all()?;
        let both = log_shares.mean_all()?;
        let loss = ((right * (1.0 - self.smoothing))? + (both * self.smoothing)?)?;
        Ok(loss.neg()?)
    }
}
