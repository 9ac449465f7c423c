//! Predictions of one model on a battery: read from an npz file or given as arrays, and checked against the battery.

mod expected;
mod read;
mod scores;

use std::collections::BTreeMap;

use ndarray::Array2;
use nodule_config::Method;

pub use expected::ExpectedSets;
pub use read::read_predictions;
pub use scores::{Outputs, to_embeddings, to_scores};

/// Predictions of one model and seed, by set name: decision scores, embeddings or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predictions {
    /// Decision scores `[n]` per set: larger is more abnormal, above 0 is predicted abnormal. May be empty.
    pub scores: BTreeMap<String, Vec<f32>>,
    /// Embeddings `[n, d]` per set, all with the same d. May be empty.
    pub embeddings: BTreeMap<String, Array2<f32>>,
    /// Saliency maps `[n, size, size]` of the set `maps`, by attribution method. May be empty.
    pub maps: BTreeMap<Method, Vec<f32>>,
    /// Number of scores that are logits of probabilities too near to 0 or 1 for their type, which limits the logits.
    pub limited: usize,
}
