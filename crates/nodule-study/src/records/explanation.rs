//! Maps of some images under one finished run, and what goes with them.

use nodule_eval::ReadOut;
use nodule_explain::score::MassRatios;
use nodule_synth::DataSet;

/// Maps, as plain arrays; scores are one an image.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The run's id.
    pub run: String,
    /// How the maps were made, in words.
    pub title: String,
    /// What they show, in a sentence without its end.
    pub legend: String,
    /// Whose decision.
    pub read_out: ReadOut,
    /// Which images.
    pub distribution: String,
    /// Their seed.
    pub seed: u64,
    /// The images.
    pub data: DataSet,
    /// `[n, size, size]`.
    pub maps: Vec<f32>,
    /// Decision values.
    pub decisions: Vec<f32>,
    /// Where the mass of each map lies.
    pub mass: Vec<MassRatios>,
    /// Whether the largest value lies in the nodule; none for a blank map.
    pub pointing: Vec<Option<bool>>,
    /// Infidelity; none for maps that predict no change of the decision.
    pub infidelity: Option<Vec<f32>>,
    /// Sensitivity; none for a blank map.
    pub sensitivity: Vec<Option<f32>>,
}
