#![doc = include_str!("../README.md")]

mod constructor;
mod error;
mod kernels;
mod layers;
pub mod losses;
mod networks;
mod weights;

pub use candle_nn::{Conv2dConfig, VarBuilder};
pub use constructor::Constructor;
pub use error::Error;
#[doc(hidden)]
pub use kernels::arch;
pub use layers::{
    ConvReluPool, Dense, conv_relu_pool, conv2d, group_norm, group_norm_relu, linear, max_pool2,
    relu,
};
pub use losses::{LOSSES, Loss};
pub use networks::{
    Architecture, ConvolutionalNetwork, LeNet, LinearNetwork, NETWORKS, Network, Output,
    ProjectionHead, ResidualNetwork, set_parameters,
};
pub use nodule_config::{
    KERNEL_VERSION, LeNetConfig, LinearConfig, ResidualConfig, Settings, Table,
};
pub use weights::{seeded_weights, uniform_init};
