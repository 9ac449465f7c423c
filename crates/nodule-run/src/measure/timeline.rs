//! How it all emerges: a network after each epoch, through the read-out that every loss has.

use crate::Error;
use nodule_battery::scores::decode_properties;
use nodule_battery::sets::{CORNERS, SharedSets};
use nodule_eval::{ReadOut, ScoreSd, reliance};
use nodule_nn::Network;
use nodule_study::records::TimelinePoint;
use nodule_train::infer;

use super::{decision_values, embeddings};
use crate::images::{Labelled, OwnSets};

/// Images of the run's own training and validation sets that a point takes, at most: one comes
/// after every epoch and must stay cheap.
const IMAGES: usize = 96;

/// What a network is measured with after every epoch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline<'a> {
    corners: &'a [f32],
    training: (&'a [f32], &'a [u8]),
    validation: (&'a [f32], &'a [u8]),
}

impl<'a> Timeline<'a> {
    /// None where the study does not ask for it.
    pub(crate) fn new(shared: &'a SharedSets, own: &'a OwnSets) -> Option<Self> {
        let corners = &shared.timeline.as_ref()?.images;
        Some(Self {
            corners,
            training: first(&own.training),
            validation: first(&own.validation),
        })
    }

    /// Measures `network` after `epoch`.
    pub(crate) fn point(
        &self,
        network: &dyn Network,
        epoch: usize,
    ) -> Result<TimelinePoint, Error> {
        let ((training, labels), (validation, truth)) = (self.training, self.validation);
        let fitted = ReadOut::Centroid.fit(embeddings(&infer(network, training)?)?, labels)?;
        let validated = decision_values(&fitted, &infer(network, validation)?)?;
        let spread = ScoreSd::from_scores(&validated)?;
        let corners = infer(network, self.corners)?;
        let decisions = decision_values(&fitted, &corners)?;
        let effect = |of: fn((bool, bool)) -> bool| {
            let side = |high| at_corners(&decisions, |corner| of(corner) == high);
            Ok::<_, Error>(reliance(&side(false), &side(true), spread)?.effect)
        };
        let levels = |of: fn((bool, bool)) -> bool| -> Vec<u8> {
            let all = CORNERS.iter().cycle().take(decisions.len());
            all.map(|corner| u8::from(of(*corner))).collect()
        };
        let [shape_decoded, texture_decoded] =
            decode_properties(embeddings(&corners)?, [&levels(|c| c.0), &levels(|c| c.1)])?;
        let alone = |abnormal: (bool, bool)| {
            let normal = at_corners(&decisions, |c| c == (false, false));
            let abnormal = at_corners(&decisions, |c| c == abnormal);
            let right = normal.iter().filter(|s| **s <= 0.0).count()
                + abnormal.iter().filter(|s| **s > 0.0).count();
            right as f64 / (normal.len() + abnormal.len()) as f64
        };
        let right = |(score, label): &(&f32, &u8)| u8::from(**score > 0.0) == **label;
        let right = validated.iter().zip(truth).filter(right).count();
        Ok(TimelinePoint {
            epoch,
            validation_accuracy: right as f64 / truth.len() as f64,
            validation_loss: common_loss(&validated, truth, spread),
            shape: effect(|c| c.0)?,
            texture: effect(|c| c.1)?,
            shape_decoded,
            texture_decoded,
            shape_only: alone((true, false)),
            texture_only: alone((false, true)),
        })
    }
}

fn first(data: &Labelled) -> (&[f32], &[u8]) {
    let n = data.labels.len().min(IMAGES);
    let pixels = data.image_size * data.image_size;
    (&data.images[..n * pixels], &data.labels[..n])
}

/// Decisions at the corners that are wanted, latent by latent.
fn at_corners(decisions: &[f32], wanted: impl Fn((bool, bool)) -> bool) -> Vec<f32> {
    let all = decisions.iter().zip(CORNERS.iter().cycle());
    all.filter(|(_, corner)| wanted(**corner))
        .map(|(s, _)| *s)
        .collect()
}

/// Mean logistic loss of the decision value in spreads: its scale is no loss's own.
fn common_loss(scores: &[f32], labels: &[u8], spread: ScoreSd) -> f64 {
    let cost = |(score, label): (&f32, &u8)| {
        let sign = if *label == 1 { 1.0 } else { -1.0 };
        (-sign * spread.to_sd_units(f64::from(*score)))
            .exp()
            .ln_1p()
    };
    scores.iter().zip(labels).map(cost).sum::<f64>() / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_taken_latent_by_latent() {
        let decisions = [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0];
        assert_eq!(at_corners(&decisions, |c| c.0), [2.0, 3.0, 12.0, 13.0]);
        assert_eq!(at_corners(&decisions, |c| !c.0), [0.0, 1.0, 10.0, 11.0]);
        assert_eq!(at_corners(&decisions, |c| c == (false, true)), [1.0, 11.0]);
    }

    #[test]
    fn the_common_loss_does_not_see_the_scale_of_a_decision() {
        let (scores, larger) = ([1.0f32, -2.0, 0.5], [10.0f32, -20.0, 5.0]);
        let labels = [1, 0, 0];
        let loss = |s: &[f32]| common_loss(s, &labels, ScoreSd::from_scores(s).unwrap());
        assert!((loss(&scores) - loss(&larger)).abs() < 1e-12);
        assert!(
            (common_loss(&[0.0, 0.0], &[0, 1], ScoreSd::new(0.0).unwrap()) - 2f64.ln()).abs()
                < 1e-12
        );
        assert!(loss(&scores) > loss(&[1.0, -2.0, -0.5]));
    }
}
