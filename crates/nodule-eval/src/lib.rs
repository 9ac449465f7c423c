#![doc = include_str!("../README.md")]

mod check;
mod embedding;
mod error;
mod metrics;
mod read_out;
mod reliance;
pub mod representation;
pub mod saliency;
mod score_sd;
mod scores;
pub mod statistics;
mod threshold;

pub use error::Error;
pub use metrics::{
    CrossValidatedMetric, Estimate, HeldOutPredictions, Metric, Metrics, cross_validated,
};
pub use read_out::{FittedReadOut, Hyperplane, LinearDecision, ReadOut};
pub use reliance::{
    Reliance, RelianceIntervals, SurfaceIntervals, reliance, reliance_intervals, surface_intervals,
};
pub use score_sd::ScoreSd;
pub use scores::Scores;
pub use threshold::BestThreshold;
