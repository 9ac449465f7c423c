//! Convolution, ReLU and 2x2 maximum pooling as one layer, with the gradients of PyTorch.
//!
//! The three belong together: pooling throws three of four outputs away, so their gradients need
//! never be computed. On a CPU one fused kernel does it; elsewhere Candle's operations are composed.

mod backward;
mod composed;
mod direct;
mod forward;
mod fused;
mod geometry;
mod halves;
mod input_gradient;
mod layer;
mod one_channel;
mod patches;
mod pooling;
mod two_layers;
mod weight_gradient;
mod winograd;

use candle_core::{DType, Result, Tensor};

use crate::config::KERNEL;
use composed::composed;
use fused::fused;
pub(crate) use geometry::Geometry;
pub(crate) use two_layers::{Spare, TwoLayers};

/// `max_pool2d(relu(conv2d(x, weight) + bias), 2)`: x `[n, c, h, w]`, weight `[o, c, k, k]`, bias
/// `[o]`, result `[n, o, (h - k + 1) / 2, (w - k + 1) / 2]` rounded down. No padding, stride 1.
///
/// Of equal maxima in a window the first one, row by row, gets the gradient; the ReLU has gradient
/// 0 at 0; a row or column that pooling leaves over has none. The gradient of x is computed only
/// where something asks for it. Results do not depend on the number of threads.
///
/// On a CPU a layer of several channels and outputs is computed by minimal filtering (*ours*): its output is
/// right to a millionth of the largest one, and corners of a window that are equal may round apart unless
/// all numbers are whole.
///
/// # Errors
/// If the shapes disagree, nothing is left to pool, or the device fails.
pub fn conv_relu_pool(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (_, c, h, w) = x.dims4()?;
    let (o, c2, kh, kw) = weight.dims4()?;
    if c != c2 || kh != kw || bias.dims() != [o] || h.min(w) < kh + 1 {
        candle_core::bail!(
            "conv_relu_pool: x {:?}, weight {:?} and bias {:?} do not fit together",
            x.dims(),
            weight.dims(),
            bias.dims()
        );
    }
    if x.device().is_cpu() && kh == KERNEL && x.dtype() == DType::F32 {
        fused(x, weight, bias)
    } else {
        composed(x, weight, bias)
    }
}

#[cfg(test)]
mod tests;
