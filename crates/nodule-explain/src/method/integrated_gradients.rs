//! Integrated gradients.

use candle_core::Tensor;

use super::{gradient, in_batches};
use crate::error::setting;
use crate::{Error, Model};

/// Default steps of the path (*ours*).
const STEPS: usize = 16;

/// `(image - baseline) * mean of the gradient on the straight path between them`, `[n, c, h, w]`
/// (Sundararajan et al. 2017, equation 1), by the midpoint rule with `steps` points. `baseline` is
/// an image of that intensity everywhere. `steps` backward passes.
///
/// Complete: as `steps` grows, a map adds up to `decision(image) - decision(baseline)`. How far it is
/// from that is its [`completeness_gap`](crate::score::completeness_gap).
///
/// # Errors
/// [`Error::Setting`] if there is no step or `baseline` is not finite; else as
/// [`gradient`](super::gradient()).
pub fn integrated_gradients(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    baseline: f64,
    steps: usize,
) -> Result<Tensor, Error> {
    if steps == 0 {
        return Err(setting("steps", steps, "at least 1"));
    }
    if !baseline.is_finite() {
        return Err(setting("baseline", baseline, "a finite intensity"));
    }
    in_batches(images, |batch| {
        let path = (batch - baseline)?;
        let mut sum = batch.zeros_like()?;
        for step in 0..steps {
            let part = (step as f64 + 0.5) / steps as f64;
            let point = ((&path * part)? + baseline)?;
            sum = sum.add(&gradient::of_batch(model, &point)?)?;
        }
        Ok((path.mul(&sum)? / steps as f64)?)
    })
}

pub(super) fn with_defaults(model: &dyn Model, images: &Tensor, _: u64) -> Result<Tensor, Error> {
    integrated_gradients(model, images, 0.0, STEPS)
}
