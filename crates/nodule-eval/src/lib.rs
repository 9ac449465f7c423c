#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | to | there is |
//! |---|---|
//! | judge decisions | [`metrics`](metrics()): every [`Metric`] as an [`Estimate`]; [`best_threshold`] |
//! | decide by embeddings | [`fit`] a [`ReadOut`]: head, nearest centroid, linear probe, nearest neighbours |
//! | see what a decision relies on | [`reliance`](reliance()), in units of [`Spread`] |
//! | see what an embedding holds | [`representation`] |
//! | score saliency maps | [`saliency`] |
//! | compare runs | [`statistics`] |

mod error;
mod metrics;
mod normalise;
mod read_out;
mod reliance;
pub mod representation;
pub mod saliency;
mod spread;
pub mod statistics;
mod threshold;

pub use error::Error;
pub use metrics::{Estimate, Metric, Metrics, auroc, metrics, metrics_of_groups};
pub use read_out::{FittedReadOut, Linear, Plane, ReadOut, fit};
pub use reliance::{Reliance, reliance};
pub use spread::Spread;
pub use threshold::{BestThreshold, best_threshold};
