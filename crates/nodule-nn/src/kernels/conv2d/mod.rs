//! Convolution with a square filter and any stride and zero padding, without bias or pooling.
//!
//! The layer computes three sums. The output is a sum over filter taps of shifted input (`correlate.rs`). The input
//! gradient is the same sum over the output gradient with mirrored weights, one for each phase of the stride
//! (`convolution.rs`). The weight gradient is a sum over pixels (`weight_gradient.rs`). In zero-padded planes
//! (`padded.rs`) a tap is a constant offset, so the kernels need to know neither padding nor stride.

mod convolution;
mod correlate;
mod geometry;
mod padded;
mod weight_gradient;

pub(crate) use convolution::Convolution;
pub(crate) use geometry::Geometry;
