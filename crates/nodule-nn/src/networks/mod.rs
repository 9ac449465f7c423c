//! The networks, one per file or folder, and the traits that every network implements.

mod le_net;
mod linear;
mod network;
mod projection;
mod residual;

pub use le_net::LeNet;
pub use linear::LinearNetwork;
pub use network::{Architecture, ConvolutionalNetwork, Network, Output, set_parameters};
pub use projection::ProjectionHead;
pub use residual::ResidualNetwork;

use crate::{Constructor, LeNetConfig, LinearConfig, ResidualConfig};

/// Constructors of the networks of the crate, in the order of [`nodule_config::NETWORKS`]. A new network is a file with
/// its implementation, its settings in `nodule-config`, and a line in both lists.
pub const NETWORKS: &[Constructor<dyn Architecture>] = &[
    Constructor::<dyn Architecture>::new::<LeNetConfig>(),
    Constructor::<dyn Architecture>::new::<LinearConfig>(),
    Constructor::<dyn Architecture>::new::<ResidualConfig>(),
];
