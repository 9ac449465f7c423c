#![doc = include_str!("../README.md")]

mod augment;
mod checkpoint;
mod clip;
mod dataset;
mod device;
mod error;
mod infer;
mod objective;
mod optimizer;
mod train;
mod trainer;
mod training_state;
mod views;

pub use augment::{Augmenter, Transform};
pub use candle_nn::Optimizer;
pub use checkpoint::{load_checkpoint, save_checkpoint};
pub use dataset::Dataset;
pub use device::open_device;
pub use error::Error;
pub use infer::{Inference, infer};
pub use nodule_config::{
    Augmentation, EarlyStopping, Epoch, OptimizerName, Plateau, Schedule, TrainingConfig,
};
pub use optimizer::{FusedOptimizer, OptimizerConfig, OptimizerState, UpdateRule};
pub use train::train;
pub use trainer::{Step, Trainer};
pub use training_state::{read_history, read_notes};
