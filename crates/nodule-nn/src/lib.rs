#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | to | there is |
//! |---|---|
//! | bring a network | [`Network`], made by an [`Architecture`]; [`conv2d`], [`group_norm`], [`max_pool2`], [`Dense`], [`relu`], [`initial`] to build it of |
//! | bring a loss | [`Loss`]; those that come with the crate are in [`loss`] |
//! | take the study's network | [`le_net`] of a [`LeNetConfig`] |
//! | build them by name from a table of settings | [`Constructor`]; [`NETWORKS`] and [`LOSSES`] list those of the crate |
//! | put tensors into a network | [`set_parameters`] |

mod arch;
mod config;
mod constructor;
mod conv2d;
mod conv_relu_pool;
mod dense;
mod error;
mod gradients;
mod group_norm;
mod le_net;
mod linear_network;
pub mod loss;
mod network;
mod pool;
mod residual;
mod simd;
mod slices;

#[doc(hidden)]
pub use arch::arch;
pub use constructor::Constructor;
pub use conv_relu_pool::conv_relu_pool;
pub use conv2d::{Stride, conv2d};
pub use dense::{Dense, initial, linear, relu};
pub use error::Error;
pub use group_norm::{group_norm, group_norm_relu};
pub use le_net::{LeNet, le_net};
pub use loss::{LOSSES, Loss};
pub use network::{Architecture, ConvolutionalNetwork, NETWORKS, Network, Output, set_parameters};
pub use nodule_config::{
    KERNEL_VERSION, LeNetConfig, LinearConfig, ResidualConfig, Settings, Table,
};
pub use pool::max_pool2;
