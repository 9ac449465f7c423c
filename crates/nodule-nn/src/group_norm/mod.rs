//! Group normalisation (Wu & He 2018), with or without a ReLU after it, with the gradients of PyTorch.
//!
//! Each image is normalised by itself: nothing is kept between batches, and a network says the same of an
//! image in training and after it.

mod image;
mod op;

use candle_core::{DType, Result, Tensor, bail};

pub(crate) use image::{Norm, backward, forward};

/// Added to a variance before its root is taken: PyTorch's default.
pub(crate) const EPSILON: f32 = 1e-5;

/// Each image's channels in `groups` equal groups, each brought to mean 0 and variance 1, then times
/// `weight` plus `bias` by channel: x `[n, c, h, w]`, weight and bias `[c]`, result as x.
///
/// # Errors
/// If the channels cannot be so grouped, the shapes disagree, or the device fails.
pub fn group_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize) -> Result<Tensor> {
    check(x, weight, bias, groups)?;
    if on_cpu(x) {
        op::on_cpu(x, weight, bias, groups, false)
    } else {
        composed(x, weight, bias, groups)
    }
}

/// [`group_norm`], and [`crate::relu`] of it.
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
    if on_cpu(x) {
        op::on_cpu(x, weight, bias, groups, true)
    } else {
        crate::relu(&composed(x, weight, bias, groups)?)
    }
}

fn on_cpu(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32
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

/// From Candle's operations, on any device.
fn composed(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    let grouped = x.contiguous()?.reshape((n, groups, c / groups * h * w))?;
    let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
    let variance = centred.sqr()?.mean_keepdim(2)?;
    let deviation = (variance + f64::from(EPSILON))?.sqrt()?;
    let normal = centred.broadcast_div(&deviation)?.reshape((n, c, h, w))?;
    let by_channel = |t: &Tensor| t.reshape((1, c, 1, 1));
    normal
        .broadcast_mul(&by_channel(weight)?)?
        .broadcast_add(&by_channel(bias)?)
}

#[cfg(test)]
mod tests;
