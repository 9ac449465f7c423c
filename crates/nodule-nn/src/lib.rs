//! Networks that return logits and embedding from one pass, and losses on both.
//!
//! A [`Network`] is anything with an embedding and two logits; the LeNet of the study is one, with fused
//! CPU kernels. A [`Loss`] is anything that makes a scalar of them. [`NETWORKS`] and [`LOSSES`] list
//! those that a study file can name, each a [`Kind`] with its settings.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use nodule_nn::{LeNetConfig, Loss, Network, le_net};
//! use nodule_nn::loss::{Contrastive, Joint};
//!
//! let config = LeNetConfig { image_size: 28, ..LeNetConfig::default() };
//! let network = le_net(&config, 7, &Device::Cpu)?;
//! let images = Tensor::zeros((4, 1, 28, 28), candle_core::DType::F32, &Device::Cpu)?;
//! let output = network.forward(&images)?;
//! assert_eq!(output.embedding.dims(), [4, 84]);
//! let loss = Joint { term: Contrastive { margin: 1.0 }, weight: 1.0 };
//! let labels = Tensor::new(&[0u32, 1, 0, 1], &Device::Cpu)?;
//! let gradients = loss.compute(&output, &labels)?.backward()?;
//! # let _ = gradients;
//! # Ok::<(), nodule_nn::Error>(())
//! ```

mod config;
mod conv_relu_pool;
mod dense;
mod error;
mod gradients;
mod kind;
mod le_net;
pub mod loss;
mod network;

pub use config::LeNetConfig;
pub use conv_relu_pool::conv_relu_pool;
pub use dense::{Dense, initial, linear, relu};
pub use error::Error;
pub use kind::{Kind, Named, Table};
pub use le_net::{LeNet, le_net};
pub use loss::{LOSSES, Loss};
pub use network::{Architecture, ConvolutionalNetwork, NETWORKS, Network, Output, set_parameters};

/// Raised whenever a kernel changes a bit of any result: it is part of a run's identity.
pub const KERNEL_VERSION: u32 = 3;
