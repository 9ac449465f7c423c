//! Training: batches, Adam, the loop, checkpoints and the choice of device.
//!
//! ```
//! use nodule_nn::{LeNetConfig, le_net};
//! use nodule_nn::loss::CrossEntropy;
//! use nodule_train::{Budget, Examples, open_device, train};
//!
//! let device = open_device("cpu")?;
//! let config = LeNetConfig { image_size: 16, ..LeNetConfig::default() };
//! let (images, labels) = (vec![0.5; 8 * 16 * 16], vec![0, 1, 0, 1, 0, 1, 0, 1]);
//! let examples = Examples::new(16, &images, &labels)?;
//! let budget = Budget { epochs: 2, batch_size: 4, learning_rate: 1e-3 };
//! let network = le_net(&config, 7, &device)?;
//! let history = train(&network, &CrossEntropy, &budget, 11, &examples, &examples, |_| {})?;
//! assert_eq!(history.len(), 3);
//! # Ok::<(), nodule_train::Error>(())
//! ```
//!
//! On a CPU the same network, data and order seed give the same bits again, whatever the number
//! of threads; and interrupted or not: [`begin`] trains a step at a time, and what it has come to can be
//! saved and restored between any two.

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
pub use state::{saved_history, saved_notes};
pub use train::{Budget, Epoch, train};
pub use training::{Step, Training, begin};
