#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | to | there is |
//! |---|---|
//! | train | [`train`](train()) within a [`TrainingConfig`], on [`Examples`]: a history of [`Epoch`]s |
//! | keep and read back | [`save_checkpoint`], [`load_checkpoint`] |
//! | ask a network | [`infer`](infer()) |
//! | take the optimiser alone | [`adam`](adam()) |
//! | choose a device | [`open_device`] |
//! | stop and go on, to the same bits | [`begin`] trains a step at a time; what it has come to can be saved and restored between any two |

mod adam;
mod checkpoint;
mod device;
mod error;
mod examples;
mod infer;
mod state;
mod train;
mod training;
mod views;

pub use adam::{Adam, AdamState, adam};
pub use checkpoint::{load_checkpoint, save_checkpoint};
pub use device::open_device;
pub use error::Error;
pub use examples::Examples;
pub use infer::{Inference, infer};
pub use nodule_config::{Epoch, Plateau, TrainingConfig};
pub use state::{saved_history, saved_notes};
pub use train::train;
pub use training::{Step, Training, begin};
