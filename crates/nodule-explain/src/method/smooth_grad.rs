//! `SmoothGrad`.

use candle_core::Tensor;
use nodule_seed::{derive, stream};

use super::{gradient, in_batches};
use crate::error::{check_images, setting};
use crate::{Error, Model};

/// Default samples, and the standard deviation of their noise in intensities (*ours*).
const SAMPLES: usize = 16;
const SIGMA: f64 = 0.05;

/// The mean of the gradient over `samples` copies of each image with normal noise of standard
/// deviation `sigma` (in intensities), `[n, c, h, w]` (Smilkov et al. 2017). `samples` backward
/// passes. The noise of image `i` depends on `seed` and `i` alone.
///
/// # Errors
/// [`Error::Setting`] if there is no sample or `sigma` is not positive; else as
/// [`gradient`](super::gradient()).
pub fn smooth_grad(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    samples: usize,
    sigma: f64,
    seed: u64,
) -> Result<Tensor, Error> {
    if !(sigma.is_finite() && sigma > 0.0) {
        return Err(setting("sigma", sigma, "a positive number"));
    }
    smooth_grad_over(model, images, samples, |sample| {
        noise(images, sigma, derive(seed, &[&sample.to_string()]))
    })
}

/// `SmoothGrad` over noise of the caller's choice: `noise(k)`, as large as `images`, for each sample.
///
/// # Errors
/// As [`smooth_grad`].
pub fn smooth_grad_over(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    samples: usize,
    noise: impl Fn(usize) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    if samples == 0 {
        return Err(setting("samples", samples, "at least 1"));
    }
    check_images(images)?;
    let mut sum = images.zeros_like()?;
    for sample in 0..samples {
        let noisy = images.add(&noise(sample)?)?;
        sum = sum.add(&in_batches(&noisy, |b| gradient::of_batch(model, b))?)?;
    }
    Ok((sum / samples as f64)?)
}

pub(super) fn with_defaults(
    model: &dyn Model,
    images: &Tensor,
    seed: u64,
) -> Result<Tensor, Error> {
    smooth_grad(model, images, SAMPLES, SIGMA, seed)
}

/// Independent normal noise as large as `images`; that of image `i` depends on `seed` and `i` alone.
///
/// # Errors
/// [`Error::Setting`] if `sigma` is negative or not finite, or the images are not `[n, c, h, w]` of
/// f32 and finite; or if the device fails.
pub fn noise(images: &Tensor, sigma: f64, seed: u64) -> Result<Tensor, Error> {
    if !(sigma.is_finite() && sigma >= 0.0) {
        return Err(setting("sigma", sigma, "0 or more"));
    }
    check_images(images)?;
    let n = images.dim(0)?;
    let pixels = images.elem_count() / n;
    let values = (0..n).flat_map(|i| {
        let mut random = stream(derive(seed, &["noise", &i.to_string()]));
        (0..pixels).map(move |_| (sigma * random.normal()) as f32)
    });
    let values: Vec<f32> = values.collect();
    Ok(Tensor::from_vec(values, images.dims(), images.device())?)
}
