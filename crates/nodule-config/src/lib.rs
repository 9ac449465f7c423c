#![doc = include_str!("../README.md")]

mod augmentation;
mod cost;
mod early_stopping;
mod losses;
mod method;
mod networks;
mod plateau;
mod settings;
mod training;

pub use augmentation::Augmentation;
pub use cost::NetworkCost;
pub use early_stopping::{EarlyStopping, best_epoch};
pub use losses::{
    Contrastive, CrossEntropy, Embedding, Joint, LOSSES, LogMargin, LossKind, NtXent, SupCon,
    Triplet,
};
pub use method::{MapUnit, Method};
pub use networks::{LeNetConfig, LinearConfig, NETWORKS, ResidualConfig};
pub use plateau::Plateau;
pub use settings::{Schema, Settings, Table};
pub use training::{Epoch, OptimizerName, Schedule, TrainingConfig};

/// Newest version of the training kernels of `nodule-nn`.
pub const KERNEL_VERSION: u32 = 5;

/// Returns the version of the training kernels of a network, part of the ids of its runs. Raised whenever a kernel changes
/// a bit of any result of that network.
///
/// ```
/// assert_eq!(nodule_config::kernel_version("lenet"), 4);
/// ```
#[must_use]
pub fn kernel_version(network: &str) -> u32 {
    match network {
        LeNetConfig::NAME | LinearConfig::NAME => 4,
        // Networks of other programs may use any kernel.
        _ => KERNEL_VERSION,
    }
}
