//! Layers as differentiable Candle operations: fused CPU kernels for `f32`, Candle's own operations elsewhere.

mod activation;
mod conv2d;
mod conv_relu_pool;
mod dense;
mod group_norm;
mod max_pool;
pub(crate) mod slices;

pub use activation::relu;
pub use conv_relu_pool::{ConvReluPool, conv_relu_pool};
pub use conv2d::conv2d;
pub use dense::{Dense, linear};
pub use group_norm::{group_norm, group_norm_relu};
pub use max_pool::max_pool2;

use candle_core::{DType, Tensor};

/// Returns whether the fused kernels take this tensor: `f32` on a CPU.
pub(crate) fn has_kernel(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32
}
