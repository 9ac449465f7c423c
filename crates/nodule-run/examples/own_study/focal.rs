//! Focal loss (Lin et al. 2017, equation 4): cross-entropy with smaller weights for well-classified images.

use candle_core::{D, Tensor};
use nodule_error::{InvalidInput, invalid_value};
use nodule_nn::{Error, Loss, Output, Settings};
use serde::{Deserialize, Serialize};

/// Settings of the focal loss: mean of `-(1 - p)^gamma log p`, with the head's probability `p` of the correct class.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Focal {
    /// Exponent; 0 is cross-entropy.
    gamma: f64,
}

impl Default for Focal {
    fn default() -> Self {
        Self { gamma: 2.0 }
    }
}

impl Settings for Focal {
    const NAME: &'static str = "focal";

    fn validate(&self) -> Result<(), InvalidInput> {
        if (0.0..=10.0).contains(&self.gamma) {
            return Ok(());
        }
        Err(invalid_value("gamma", self.gamma, "from 0 to 10"))
    }
}

impl Loss for Focal {
    fn trains_head(&self) -> bool {
        true
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        let logits = &output.logits;
        let shifted = logits.broadcast_sub(&logits.max_keepdim(D::Minus1)?.detach())?;
        let log_total = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
        let log_p = (shifted.gather(&labels.unsqueeze(1)?, 1)? - log_total)?;
        // The derivative of the power is infinite at 0.
        let error = (log_p.exp()?.affine(-1.0, 1.0)? + 1e-6)?;
        Ok(error.powf(self.gamma)?.mul(&log_p)?.mean_all()?.neg()?)
    }
}
