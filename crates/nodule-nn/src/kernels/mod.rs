//! CPU kernels on plain `f32` slices, without Candle types.
//!
//! Tensors are row-major. `n` is images, `c` input channels, `o` output channels, `h` and `w` height and width, and `k`
//! the width of a square filter.

mod arch;
mod batch;
pub(crate) mod channel_lanes;
pub(crate) mod conv2d;
pub(crate) mod conv_relu_pool;
pub(crate) mod group_norm;
mod simd;

pub use arch::arch;
pub(crate) use batch::{IMAGES_PER_TASK, accumulate};

/// Lanes of the widest vector of any instruction set (AVX-512, in `f32`). Buffers have this much room at the end, so
/// that a vector load that begins inside them stays inside.
const MAX_LANES: usize = 16;
