//! What a trained network decides, and how sure one may be of it: read-outs, metrics,
//! counterfactual reliance, statistics over runs. Plain arrays in, numbers out; no tensors.
//!
//! ```
//! use ndarray::array;
//! use nodule_eval::{Metric, ReadOut, fit, metrics};
//!
//! let training = array![[1.0f32, 0.1], [0.9, 0.0], [0.1, 1.0], [0.0, 0.8]];
//! let fitted = fit(ReadOut::Centroid, training.view(), &[0, 0, 1, 1])?;
//! let (test, logits) = (array![[2.0f32, 0.5], [0.3, 0.9]], array![[0.0f32, 0.0], [0.0, 0.0]]);
//! let scores = fitted.scores(test.view(), logits.view())?;
//! assert_eq!(metrics(&scores, &[0, 1])?.value(Metric::Accuracy), Some(1.0));
//! # Ok::<(), nodule_eval::Error>(())
//! ```

mod error;
mod metrics;
mod normalise;
mod read_out;
mod reliance;
pub mod representation;
mod spread;
pub mod statistics;
mod threshold;

pub use error::Error;
pub use metrics::{Estimate, Metric, Metrics, auroc, metrics, metrics_of_groups};
pub use read_out::{FittedReadOut, Linear, Plane, ReadOut, fit};
pub use reliance::{Reliance, reliance};
pub use spread::Spread;
pub use threshold::{BestThreshold, best_threshold};
