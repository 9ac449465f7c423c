//! Timeline of a training: shape and texture reliance and decodability after each epoch.

use nodule_battery::scores::decode_properties;
use nodule_battery::sets::{CORNERS, SharedSets};
use nodule_eval::{ReadOut, ScoreSd, reliance};
use nodule_nn::Network;
use nodule_study::records::TimelinePoint;
use nodule_train::infer;

use super::{decision_scores, embeddings};
use crate::Error;
use crate::images::{LabelledSet, RunImages};

/// Most training and most validation images per point, so that measuring after every epoch stays cheap.
const MAX_IMAGES: usize = 96;

/// Images that every point of a timeline is measured on. The read-out is the nearest centroid, which every loss has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline<'a> {
    corners: &'a [f32],
    training: (&'a [f32], &'a [u8]),
    validation: (&'a [f32], &'a [u8]),
}

impl<'a> Timeline<'a> {
    /// Returns `None` if the study has no timeline.
    pub(crate) fn new(shared: &'a SharedSets, run_images: &'a RunImages) -> Option<Self> {
        let corners = &shared.timeline.as_ref()?.images;
        Some(Self {
            corners,
            training: first_images(&run_images.training),
            validation: first_images(&run_images.validation),
        })
    }

    /// Measures `network` after `epoch`.
    pub(crate) fn measure(
        &self,
        network: &dyn Network,
        epoch: usize,
    ) -> Result<TimelinePoint, Error> {
        let ((training, labels), (validation, truth)) = (self.training, self.validation);
        let fitted = ReadOut::Centroid.fit(embeddings(&infer(network, training)?)?, labels)?;
        let validation_scores = decision_scores(&fitted, &infer(network, validation)?)?;
        let sd = ScoreSd::from_scores(&validation_scores)?;
        let corners = infer(network, self.corners)?;
        let corner_scores = decision_scores(&fitted, &corners)?;
        let effect = |is_high: fn((bool, bool)) -> bool| {
            let side = |high| select_corners(&corner_scores, |corner| is_high(corner) == high);
            Ok::<_, Error>(reliance(&side(false), &side(true), sd)?.effect)
        };
        let levels = |is_high: fn((bool, bool)) -> bool| -> Vec<u8> {
            let corners = CORNERS.iter().cycle().take(corner_scores.len());
            corners.map(|corner| u8::from(is_high(*corner))).collect()
        };
        let [shape_decoded, texture_decoded] =
            decode_properties(embeddings(&corners)?, [&levels(|c| c.0), &levels(|c| c.1)])?;
        let accuracy_at = |abnormal: (bool, bool)| {
            let normal = select_corners(&corner_scores, |c| c == (false, false));
            let abnormal = select_corners(&corner_scores, |c| c == abnormal);
            let correct = normal.iter().filter(|s| **s <= 0.0).count()
                + abnormal.iter().filter(|s| **s > 0.0).count();
            correct as f64 / (normal.len() + abnormal.len()) as f64
        };
        let is_correct = |(score, label): &(&f32, &u8)| u8::from(**score > 0.0) == **label;
        let correct = validation_scores.iter().zip(truth).filter(is_correct);
        Ok(TimelinePoint {
            epoch,
            validation_accuracy: correct.count() as f64 / truth.len() as f64,
            validation_loss: mean_logistic_loss(&validation_scores, truth, sd),
            shape: effect(|c| c.0)?,
            texture: effect(|c| c.1)?,
            shape_decoded,
            texture_decoded,
            shape_only: accuracy_at((true, false)),
            texture_only: accuracy_at((false, true)),
        })
    }
}

fn first_images(data: &LabelledSet) -> (&[f32], &[u8]) {
    let n = data.labels.len().min(MAX_IMAGES);
    let pixels = data.image_size * data.image_size;
    (&data.images[..n * pixels], &data.labels[..n])
}

/// Returns the scores at the selected corners, nodule by nodule.
fn select_corners(scores: &[f32], is_selected: impl Fn((bool, bool)) -> bool) -> Vec<f32> {
    let with_corners = scores.iter().zip(CORNERS.iter().cycle());
    with_corners
        .filter(|(_, corner)| is_selected(**corner))
        .map(|(score, _)| *score)
        .collect()
}

/// Returns the mean logistic loss of the decision scores in SD units, which makes losses with different scales
/// comparable.
fn mean_logistic_loss(scores: &[f32], labels: &[u8], sd: ScoreSd) -> f64 {
    let loss = |(score, label): (&f32, &u8)| {
        let sign = if *label == 1 { 1.0 } else { -1.0 };
        (-sign * sd.to_sd_units(f64::from(*score))).exp().ln_1p()
    };
    scores.iter().zip(labels).map(loss).sum::<f64>() / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_selected_nodule_by_nodule() {
        let decisions = [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0];
        assert_eq!(select_corners(&decisions, |c| c.0), [2.0, 3.0, 12.0, 13.0]);
        assert_eq!(select_corners(&decisions, |c| !c.0), [0.0, 1.0, 10.0, 11.0]);
        assert_eq!(
            select_corners(&decisions, |c| c == (false, true)),
            [1.0, 11.0]
        );
    }

    #[test]
    fn the_logistic_loss_ignores_the_scale_of_the_scores() {
        let (scores, larger) = ([1.0f32, -2.0, 0.5], [10.0f32, -20.0, 5.0]);
        let labels = [1, 0, 0];
        let loss = |s: &[f32]| mean_logistic_loss(s, &labels, ScoreSd::from_scores(s).unwrap());
        assert!((loss(&scores) - loss(&larger)).abs() < 1e-12);
        assert!(
            (mean_logistic_loss(&[0.0, 0.0], &[0, 1], ScoreSd::new(0.0).unwrap()) - 2f64.ln())
                .abs()
                < 1e-12
        );
        assert!(loss(&scores) > loss(&[1.0, -2.0, -0.5]));
    }
}
