//! The layer as a sequence of Candle's operations, for any device and filter size.

use candle_core::{Result, Tensor};

use crate::{max_pool2, relu};

/// Returns the same as [`super::conv_relu_pool`].
pub(super) fn candle_conv_relu_pool(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let y = x.conv2d(weight, 0, 1, 1, 1)?;
    let y = y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)?;
    // The ReLU is monotonic: applied after the maximum it gives the same, on a quarter of the values.
    relu(&max_pool2(&y)?)
}
