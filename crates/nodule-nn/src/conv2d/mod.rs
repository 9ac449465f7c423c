//! A convolution without pooling, of any square kernel, stride and padding, with the gradients of PyTorch.
//!
//! On a CPU three sums do all of it: an output is a sum over taps of shifted input (`correlate.rs`), the
//! input's gradient is the same of the output's gradient under mirrored weights, one for each phase of
//! the stride, and a weight's gradient is a sum over pixels (`gather.rs`). A tap is a distance in planes
//! with a border of zeros (`planes.rs`), so that the kernels know neither padding nor stride.

mod correlate;
mod gather;
mod layer;
mod op;
mod planes;
mod sizes;

use candle_core::{DType, Result, Tensor};

pub(crate) use layer::{Layer, Scratch};
pub(crate) use sizes::Sizes;

/// How a kernel moves over the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stride {
    /// Pixels from one output to the next, at least 1.
    pub stride: usize,
    /// Zeros around the input, less than the kernel's width.
    pub padding: usize,
}

impl Stride {
    /// From pixel to pixel, with as many zeros around as keep the size under an odd `kernel`.
    #[must_use]
    pub const fn same(kernel: usize) -> Self {
        Self {
            stride: 1,
            padding: kernel / 2,
        }
    }
}

/// `conv2d(x, weight)` without a bias: x `[n, c, h, w]`, weight `[o, c, k, k]`, result
/// `[n, o, (h + 2 padding - k) / stride + 1, ...]` rounded down.
///
/// A bias of `[1, o, 1, 1]` may be added with `broadcast_add`. The gradient of x is computed only where
/// something asks for it. Results do not depend on the number of threads; the weight's gradient depends,
/// in its rounding, on the width of the processor's vectors.
///
/// # Errors
/// If the shapes disagree, the padding is as wide as the kernel, or the device fails.
pub fn conv2d(x: &Tensor, weight: &Tensor, stride: Stride) -> Result<Tensor> {
    let sizes = Sizes::new(x.dims(), weight.dims(), stride)?;
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        op::on_cpu(x, weight, sizes)
    } else {
        x.conv2d(weight, stride.padding, stride.stride, 1, 1)
    }
}

#[cfg(test)]
mod tests;
