//! Integrated gradients.

use candle_core::Tensor;

use super::{Attribution, gradient_of_batch, in_batches};
use crate::check::{check_at_least_one, check_baseline};
use crate::{Error, Model};

/// Integrated gradients (Sundararajan et al. 2017, equation 1): `(image - baseline)` times the mean gradient on the
/// straight path between them, by the midpoint rule. Costs `steps` backward passes.
///
/// The method is complete: with growing `steps` the sum of a map approaches `decision(image) - decision(baseline)`.
/// [`completeness_gap`](crate::metrics::completeness_gap) measures the difference.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::{Attribution, IntegratedGradients};
///
/// let squares = |images: &Tensor| images.sqr()?.sum((1, 2, 3));
/// let images = Tensor::new(&[[[[0.5f32, 1.0]]]], &Device::Cpu)?;
/// let map = IntegratedGradients { steps: 64, baseline: 0.0 }.attribute(&squares, &images)?;
/// assert!((map.sum_all()?.to_scalar::<f32>()? - 1.25).abs() < 1e-4);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntegratedGradients {
    /// Points on the path; at least 1.
    pub steps: usize,
    /// Intensity of every pixel of the baseline image.
    pub baseline: f64,
}

impl Default for IntegratedGradients {
    /// 16 steps from black (*ours*).
    fn default() -> Self {
        Self {
            steps: 16,
            baseline: 0.0,
        }
    }
}

impl Attribution for IntegratedGradients {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        check_at_least_one("steps", self.steps)?;
        check_baseline(self.baseline)?;
        in_batches(images, |batch| {
            let path = (batch - self.baseline)?;
            let mut sum = batch.zeros_like()?;
            for step in 0..self.steps {
                let fraction = (step as f64 + 0.5) / self.steps as f64;
                let point = ((&path * fraction)? + self.baseline)?;
                sum = sum.add(&gradient_of_batch(model, &point)?)?;
            }
            Ok((path.mul(&sum)? / self.steps as f64)?)
        })
    }
}
