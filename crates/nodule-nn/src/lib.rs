#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | to | there is |
//! |---|---|
//! | bring a network | [`Network`], made by an [`Architecture`]; [`Dense`], [`initial`], [`relu`] to build it of |
//! | bring a loss | [`Loss`]; those that come with the crate are in [`loss`] |
//! | take the study's network | [`le_net`] of a [`LeNetConfig`] |
//! | name them in a file | [`Kind`]: a name and its settings, checked; [`NETWORKS`] and [`LOSSES`] list ours |
//! | put tensors into a network | [`set_parameters`] |

mod arch;
mod config;
mod conv_relu_pool;
mod dense;
mod error;
mod gradients;
mod kind;
mod le_net;
mod linear_network;
pub mod loss;
mod network;

#[doc(hidden)]
pub use arch::arch;
pub use config::LeNetConfig;
pub use conv_relu_pool::conv_relu_pool;
pub use dense::{Dense, initial, linear, relu};
pub use error::Error;
pub use kind::{Kind, Named, Table};
pub use le_net::{LeNet, le_net};
pub use linear_network::LinearConfig;
pub use loss::{LOSSES, Loss};
pub use network::{Architecture, ConvolutionalNetwork, NETWORKS, Network, Output, set_parameters};

/// Raised whenever a kernel changes a bit of any result: it is part of a run's identity.
pub const KERNEL_VERSION: u32 = 3;
