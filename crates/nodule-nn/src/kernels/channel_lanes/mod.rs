//! Convolution and group normalisation with channels as lanes, for networks that run one image through all layers.
//!
//! A feature map is `[block][row][column]` of [`Channels`], sixteen channels side by side; missing channels are zero.
//! All vectors are then full and aligned for any image size, and no sum runs across lanes, so the bits are the same for
//! every vector width with fused multiply-adds.
//!
//! A map is stored with a border (`map.rs`), so that a filter tap is a constant offset, or densely where no filter reads
//! it: the outputs of convolutions, which are saved until the backward pass.

#![allow(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    reason = "loops with constant bounds over arrays of vectors stay in registers; closures may not be inlined"
)]

mod channels;
mod convolution;
mod direct;
mod map;
mod norm;
mod norm_passes;
mod product;
mod transforms;
mod weight_sums;
mod winograd;
mod winograd_passes;

pub(crate) use channels::Channels;
pub(crate) use convolution::{ChannelConvolution, Filter, WeightSums};
pub(crate) use map::{Map, fill_patches, means, spread_means};
pub(crate) use norm::{NormParameters, Statistics};
pub(crate) use norm_passes::{Addend, activate};

#[cfg(test)]
use channels::LANES;

#[cfg(test)]
mod tests;
