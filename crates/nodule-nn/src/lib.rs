//! A LeNet that returns logits and embedding from one pass, and the losses of the study.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use nodule_nn::{LeNetConfig, Loss, le_net};
//!
//! let config = LeNetConfig { image_size: 28, ..LeNetConfig::default() };
//! let network = le_net(&config, 7, &Device::Cpu)?;
//! let images = Tensor::zeros((4, 1, 28, 28), candle_core::DType::F32, &Device::Cpu)?;
//! let output = network.forward(&images)?;
//! assert_eq!(output.embedding.dims(), [4, 84]);
//! let loss = Loss::CrossEntropyContrastive { margin: 1.0, weight: 1.0 };
//! let labels = Tensor::new(&[0u32, 1, 0, 1], &Device::Cpu)?;
//! let gradients = loss.compute(&output, &labels)?.backward()?;
//! # let _ = gradients;
//! # Ok::<(), nodule_nn::Error>(())
//! ```
//!
//! Any model that ends in an embedding and two logits can use the losses: they see tensors alone.

mod config;
mod conv_relu_pool;
mod dense;
mod error;
mod gradients;
mod le_net;
mod loss;

pub use config::LeNetConfig;
pub use conv_relu_pool::conv_relu_pool;
pub use dense::{linear, relu};
pub use error::Error;
pub use le_net::{LeNet, Output, le_net};
pub use loss::{Loss, contrastive, cross_entropy, nt_xent, sup_con, triplet};

/// Raised whenever a kernel changes a bit of any result: it is part of a run's identity.
pub const KERNEL_VERSION: u32 = 3;
