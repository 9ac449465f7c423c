//! Convolution with 5x5 filters, bias, ReLU and 2x2 maximum pooling, fused: image `[c, h, w]` to `[o, h', w']`.
//!
//! No padding, stride 1; `h' = (h - 4) / 2` rounded down, `w'` likewise. Pooling discards three of four convolution
//! outputs, so backward never computes their gradients. Forward records the arg-max of every pooling window: which of
//! its four corners, 0 to 3 row by row, holds the maximum.
//!
//! | file | purpose |
//! |---|---|
//! | `forward.rs` | chooses one of the two forward kernels |
//! | `direct.rs` | direct convolution, for few channels |
//! | `winograd.rs` | minimal filtering, for many channels |
//! | `pooling.rs` | bias, ReLU and arg-max, shared by both |
//! | `even_odd.rs` | even and odd columns of the input, the layout of both |
//! | `backward.rs` | gradients of one image |
//! | `weight_gradient.rs`, `input_gradient.rs` | the two halves of backward |
//! | `channel_blocks.rs` | channel-blocked layout, which both use |
//! | `one_channel.rs` | weight gradient for one input channel |
//! | `batch.rs` | one layer over a batch, in parallel |
//! | `two_layers.rs` | two layers in sequence over a batch, in parallel |

mod backward;
mod batch;
mod channel_blocks;
mod direct;
mod even_odd;
mod forward;
mod geometry;
mod input_gradient;
mod one_channel;
mod pooling;
mod two_layers;
mod weight_gradient;
mod winograd;

pub(crate) use batch::{backward_batch, forward_batch};
pub(crate) use geometry::{Geometry, KERNEL};
pub(crate) use two_layers::{ScratchPool, TwoLayers};
