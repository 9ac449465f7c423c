//! What does a model say of the images of a battery? Its answers, read from an npz file or given as arrays, and
//! checked: of this battery, for every image, in order, all finite.

mod check;
mod read;

use std::collections::BTreeMap;

use ndarray::Array2;
use nodule_config::Method;

pub use check::Wanted;
pub use read::read_answers;

/// The answers of one model and seed. Sets are called by their names; a model gives decision values,
/// embeddings or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// `[n]` a set: larger is more abnormal, above 0 is decided as abnormal. Empty where it gives none.
    pub decisions: BTreeMap<String, Vec<f32>>,
    /// `[n, d]` a set, with one d. Empty where it gives none.
    pub embeddings: BTreeMap<String, Array2<f32>>,
    /// `[n, size, size]` of the set `maps`, by attribution method; may be empty.
    pub maps: BTreeMap<Method, Vec<f32>>,
}
