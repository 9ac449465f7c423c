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
    /// Steps along the path of each image: doubled until its gap is below the tolerance, up to a maximum.
    pub steps: Vec<usize>,
    /// Gap of each image, as a share of the change. `None` if the score does not change.
    pub gaps: Vec<Option<f32>>,
    /// Median of the defined gaps.
    pub median: Option<f32>,
    /// Largest gap that a map should have.
    pub tolerance: f32,
}

impl Completeness {
    /// Returns the steps, the median and the largest gap as a sentence without its full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (least, most) = (self.steps.iter().min(), self.steps.iter().max());
        let steps = match least.zip(most) {
            Some((least, most)) if least < most => format!("{least} to {most} steps"),
            Some((only, _)) => format!("{only} steps"),
            None => "no steps".to_owned(),
        };
        match self.median.zip(self.worst()) {
            None => format!("{steps}; no decision score changes from black to the image"),
            Some((median, (image, largest))) => format!(
                "{steps}; the maps miss {} of the decision score's change from black (median; largest {}, image {image}; tolerance {})",
                percent(median),
                percent(largest),
                percent(self.tolerance)
            ),
        }
    }

    /// Returns a warning without its full stop that names `run`, the image with the largest gap and the remedy; `None` if
    /// every gap is below the tolerance.
    #[must_use]
    pub fn warning(&self, run: &str) -> Option<String> {
        let (image, largest) = self.worst()?;
        if largest < self.tolerance {
            return None;
        }
        let beyond = self.gaps.iter().flatten();
        let n = beyond.filter(|gap| **gap >= self.tolerance).count();
        Some(format!(
            "run {run}: {n} of {} maps miss {} or more of the decision score's change, most of all image {image} ({} with {} steps); do not read their values as shares of the score, or compute them with more steps (`IntegratedGradients` of nodule-explain); column completeness_gap has every gap",
            self.gaps.len(),
            percent(self.tolerance),
            percent(largest),
            self.steps.get(image).copied().unwrap_or_default()
        ))
    }

    /// Returns the image with the largest gap, and the gap.
    fn worst(&self) -> Option<(usize, f32)> {
        let gaps = self.gaps.iter().enumerate();
        gaps.filter_map(|(i, gap)| Some((i, (*gap)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

fn percent(share: f32) -> String {
    format!("{:.2}%", 100.0 * share)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_run_image_and_remedy() {
        let mut found = Completeness {
            steps: vec![16, 1024, 16],
            gaps: vec![Some(0.001), Some(0.126), None],
            median: Some(0.001),
            tolerance: 0.01,
        };
        let sentence = found.sentence();
        assert!(
            sentence.contains("16 to 1024 steps") && sentence.contains("largest 12.60%, image 1"),
            "{sentence}"
        );
        let warning = found.warning("abc").unwrap();
        for part in [
            "run abc: 1 of 3 maps",
            "image 1 (12.60% with 1024 steps)",
            "more steps",
        ] {
            assert!(warning.contains(part), "{warning}");
        }
        found.gaps[1] = Some(0.009);
        assert_eq!(found.warning("abc"), None);
        found.gaps = vec![None; 3];
        assert_eq!(found.warning("abc"), None);
    }
}
