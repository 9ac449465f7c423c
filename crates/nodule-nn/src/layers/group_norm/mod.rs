//! Group normalisation (Wu & He 2018), with or without a ReLU.
//!
//! Each image is normalised separately, and no statistics are kept between batches: a network gives the same output for
//! an image in training and in evaluation.

mod op;

use candle_core::{Result, Tensor, bail};
use candle_nn::{GroupNorm, Module};

use super::has_kernel;
use crate::kernels::group_norm::EPSILON;

/// Returns `x` `[n, c, h, w]` normalised to mean 0 and variance 1 in `groups` equal groups of channels, then times
/// `weight` `[c]` plus `bias` `[c]`.
///
/// Replaces [`candle_nn::GroupNorm`] on a CPU: one pass over each image while it is in the cache, forward and backward.
/// Elsewhere it calls [`candle_nn::GroupNorm`].
///
/// # Errors
/// If `groups` does not divide the channels, the shapes disagree, or the device fails.
///
/// # Example
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use nodule_nn::group_norm;
///
/// # fn main() -> candle_core::Result<()> {
/// let x = Tensor::arange(0f32, 16., &Device::Cpu)?.reshape((1, 4, 2, 2))?;
/// let weight = Tensor::ones(4, DType::F32, &Device::Cpu)?;
/// let y = group_norm(&x, &weight, &weight.zeros_like()?, 2)?;
/// assert!(y.mean_all()?.to_scalar::<f32>()?.abs() < 1e-6);
/// # Ok(())
/// # }
/// ```
pub fn group_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize) -> Result<Tensor> {
    check(x, weight, bias, groups)?;
    if has_kernel(x) {
        op::group_norm(x, weight, bias, groups, false)
    } else {
        candle_group_norm(x, weight, bias, groups)
    }
}

/// Returns [`crate::relu`] of [`group_norm`], on a CPU in one operation.
///
/// # Errors
/// As [`group_norm`].
pub fn group_norm_relu(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    groups: usize,
) -> Result<Tensor> {
    check(x, weight, bias, groups)?;
    if has_kernel(x) {
        op::group_norm(x, weight, bias, groups, true)
    } else {
        crate::relu(&candle_group_norm(x, weight, bias, groups)?)
    }
}

fn check(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize) -> Result<()> {
    let (_, channels, ..) = x.dims4()?;
    let fits = groups > 0
        && channels.is_multiple_of(groups)
        && weight.dims() == [channels]
        && bias.dims() == [channels];
    if !fits {
        bail!(
            "group_norm: x {:?}, weight {:?}, bias {:?} and {groups} groups do not fit together",
            x.dims(),
            weight.dims(),
            bias.dims()
        );
    }
    Ok(())
}

/// Returns the same as [`group_norm`], on any device.
fn candle_group_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize) -> Result<Tensor> {
    let (weight, bias) = (weight.clone(), bias.clone());
    GroupNorm::new(weight, bias, x.dim(1)?, groups, f64::from(EPSILON))?.forward(&x.contiguous()?)
}

#[cfg(test)]
mod tests;
