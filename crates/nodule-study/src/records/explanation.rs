//! Maps of some images under one finished run, and what goes with them.

use nodule_eval::ReadOut;
use nodule_eval::saliency::RelevanceMass;
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
    pub data: ExplainedImages,
    /// `[n, size, size]`.
    pub maps: Vec<f32>,
    /// Decision values.
    pub decisions: Vec<f32>,
    /// Where the mass of each map lies.
    pub mass: Vec<RelevanceMass>,
    /// Whether the largest value lies in the nodule; none for a blank map.
    pub pointing: Vec<Option<bool>>,
    /// Infidelity; none for maps that predict no change of the decision.
    pub infidelity: Option<Vec<f32>>,
    /// Sensitivity; none for a blank map.
    pub sensitivity: Vec<Option<f32>>,
    /// For integrated gradients, how exact the maps are.
    pub completeness: Option<Completeness>,
}

/// The images that maps are of.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedImages {
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// `[n, size, size]`: 1 where the nodule is; none where nobody drew it.
    pub masks: Option<Vec<u8>>,
    /// `[n]`: 0 normal, 1 abnormal.
    pub labels: Vec<u8>,
    /// `[n]`: what else is known of each, in a few words, or nothing.
    pub known: Vec<String>,
}

impl From<DataSet> for ExplainedImages {
    fn from(data: DataSet) -> Self {
        Self {
            image_size: data.image_size,
            images: data.images,
            masks: Some(data.masks),
            labels: data.labels,
            known: data.cells.iter().map(ToString::to_string).collect(),
        }
    }
}

/// How far maps of integrated gradients are from adding up to the decision's change from black.
#[derive(Debug, Clone, PartialEq)]
pub struct Completeness {
    /// Steps of the path.
    pub steps: usize,
    /// What is missing, as a share of the change; none for an image whose decision does not change.
    pub gaps: Vec<Option<f32>>,
    /// The median of the gaps that there are.
    pub median: Option<f32>,
    /// What the median was to be below, by doubling the steps.
    pub tolerance: f32,
}

impl Completeness {
    /// The steps and what they leave, in a sentence without its end.
    #[must_use]
    pub fn sentence(&self) -> String {
        let steps = self.steps;
        let percent = |share: f32| format!("{:.2}%", 100.0 * share);
        match self.median {
            None => format!("{steps} steps; no decision changes from black to the image"),
            Some(gap) if gap < self.tolerance => format!(
                "{steps} steps; the maps miss {} of the decision's change from black (median), {} being allowed",
                percent(gap),
                percent(self.tolerance)
            ),
            Some(gap) => format!(
                "{steps} steps, the most there are; the maps still miss {} of the decision's change from black (median), and {} is allowed",
                percent(gap),
                percent(self.tolerance)
            ),
        }
    }
}
