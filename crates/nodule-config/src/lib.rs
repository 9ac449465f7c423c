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

/// Version of the training kernels of `nodule-nn`, part of a run's id. Raised whenever a kernel changes a bit of any
/// result.
pub const KERNEL_VERSION: u32 = 5;
