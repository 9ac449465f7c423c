#![doc = include_str!("../README.md")]

mod adam;
mod checkpoint;
mod dataset;
mod device;
mod error;
mod infer;
mod train;
mod trainer;
mod training_state;
mod views;

pub use adam::{Adam, AdamState};
pub use candle_nn::Optimizer;
pub use checkpoint::{load_checkpoint, save_checkpoint};
pub use dataset::Dataset;
pub use device::open_device;
pub use error::Error;
pub use infer::{Inference, infer};
pub use nodule_config::{Epoch, Plateau, TrainingConfig};
pub use train::train;
pub use trainer::{Step, Trainer};
pub use training_state::{read_history, read_notes};
