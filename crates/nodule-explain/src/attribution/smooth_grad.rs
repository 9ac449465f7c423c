//! `SmoothGrad`: mean gradient over noisy copies of the image.

use candle_core::Tensor;
use nodule_seed::derive;

use super::{Attribution, gradient_of_batch, in_batches};
use crate::check::{check_at_least_one, check_images};
use crate::error::invalid;
use crate::{Error, Model, gaussian_noise};

/// `SmoothGrad` (Smilkov et al. 2017): mean gradient over copies of each image with Gaussian noise. Costs `samples`
/// backward passes. The noise of image `i` depends on `seed` and `i` only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmoothGrad {
    /// Noisy copies of each image; at least 1.
    pub samples: usize,
    /// Standard deviation of the noise, in intensities; positive.
    pub sigma: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl Default for SmoothGrad {
    /// 16 samples with a standard deviation of 0.05 (*ours*), seed 0.
    fn default() -> Self {
        Self {
            samples: 16,
            sigma: 0.05,
            seed: 0,
        }
    }
}

impl Attribution for SmoothGrad {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        if !(self.sigma.is_finite() && self.sigma > 0.0) {
            return Err(invalid("sigma", self.sigma, "a positive number"));
        }
        mean_noisy_gradient(model, images, self.samples, |sample| {
            gaussian_noise(
                images,
                self.sigma,
                derive(self.seed, &[&sample.to_string()]),
            )
        })
    }
}

/// Returns `SmoothGrad` maps with the caller's noise: `noise(k)`, with the shape of `images`, for sample `k`.
///
/// # Errors
/// If `samples` is 0 or `noise` fails; otherwise as [`Attribution::attribute`].
pub fn mean_noisy_gradient(
    model: &dyn Model,
    images: &Tensor,
    samples: usize,
    noise: impl Fn(usize) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    check_at_least_one("samples", samples)?;
    check_images(images)?;
    let mut sum = images.zeros_like()?;
    for sample in 0..samples {
        let noisy = images.add(&noise(sample)?)?;
        sum = sum.add(&in_batches(&noisy, |batch| {
            gradient_of_batch(model, batch)
        })?)?;
    }
    Ok((sum / samples as f64)?)
}
