//! Attribution maps of some images by one finished run, with their scores.

use nodule_eval::ReadOut;
use nodule_eval::saliency::RelevanceMass;
use nodule_synth::DataSet;

/// Attribution maps as plain arrays. Scores have one entry per image.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Id of the run.
    pub run: String,
    /// Method and settings, for display.
    pub title: String,
    /// Meaning of the maps: a sentence without its full stop.
    pub legend: String,
    /// Read-out whose decision score is explained.
    pub read_out: ReadOut,
    /// Distribution or file of the images.
    pub distribution: String,
    /// Seed of the images.
    pub seed: u64,
    /// Images.
    pub data: ExplainedImages,
    /// Maps, `[n, size, size]`.
    pub maps: Vec<f32>,
    /// Decision scores.
    pub decision_scores: Vec<f32>,
    /// Relevance mass of each map by region.
    pub mass: Vec<RelevanceMass>,
    /// Pointing game: whether the maximum lies in the nodule. `None` for a blank map.
    pub pointing_game: Vec<Option<bool>>,
    /// Infidelity. `None` for maps that do not predict changes of the decision score.
    pub infidelity: Option<Vec<f32>>,
    /// Max-sensitivity. `None` for a blank map.
    pub max_sensitivity: Vec<Option<f32>>,
    /// Completeness, for integrated gradients only.
    pub completeness: Option<Completeness>,
}

/// Images that are explained.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedImages {
    /// Width and height in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// Masks `[n, size, size]`, 1 in the nodule. `None` for images without outlines.
    pub masks: Option<Vec<u8>>,
    /// Labels `[n]`: 0 normal, 1 abnormal.
    pub labels: Vec<u8>,
    /// Notes `[n]`, such as the combination of factor levels; may be empty.
    pub notes: Vec<String>,
}

impl From<DataSet> for ExplainedImages {
    fn from(data: DataSet) -> Self {
        let labels = data.class_indices();
        Self {
            image_size: data.image_size,
            images: data.images,
            masks: Some(data.masks),
            labels,
            notes: data.levels.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Completeness of integrated gradients: the difference between a map's sum and the score's change from a black image.
#[derive(Debug, Clone, PartialEq)]
pub struct Completeness {
    /// Steps along the path.
    pub steps: usize,
    /// Gap of each image, as a share of the change. `None` if the score does not change.
    pub gaps: Vec<Option<f32>>,
    /// Median of the defined gaps.
    pub median: Option<f32>,
    /// Tolerance: steps were doubled until the median was below it or the maximum was reached.
    pub tolerance: f32,
}

impl Completeness {
    /// Returns the steps and the median gap as a sentence without its full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let steps = self.steps;
        let percent = |share: f32| format!("{:.2}%", 100.0 * share);
        let tolerance = percent(self.tolerance);
        match self.median {
            None => format!("{steps} steps; no decision score changes from black to the image"),
            Some(gap) if gap < self.tolerance => format!(
                "{steps} steps; the maps miss {} of the decision score's change from black (median; tolerance {tolerance})",
                percent(gap)
            ),
            Some(gap) => format!(
                "{steps} steps, the maximum; the maps still miss {} of the decision score's change from black (median; tolerance {tolerance})",
                percent(gap)
            ),
        }
    }
}
