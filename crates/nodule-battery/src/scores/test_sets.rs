//! One test set under one read-out: its metrics, and its cells.

use std::collections::BTreeMap;

use nodule_eval::{Metrics, ScoreSd, Scores};
use nodule_images::LabelledImages;
use nodule_study::Error;
use nodule_study::records::{CombinationEvaluation, TestEvaluation};
use nodule_study::settings::{LabelRule, label_rules, scored_name};
use nodule_synth::{DataSet, Distribution, ShapeLevel, TextureLevel};

use crate::sets::TestImages;

/// One entry a rule that the set is scored by; one of images of the user's own, whose intervals are over
/// groups where they have any, and of whose cells nothing is known.
pub(super) fn test_set(
    set: &TestImages,
    decided: &[f32],
    spread: ScoreSd,
) -> Result<Vec<TestEvaluation>, Error> {
    match set {
        TestImages::Drawn(distribution, data) => drawn(distribution, data, decided, spread),
        TestImages::Given(name, images) => Ok(vec![TestEvaluation {
            test: name.clone(),
            metrics: given_metrics(images, decided)?,
            best: Scores::new(decided, &images.labels)?.best_threshold(),
            combinations: Vec::new(),
        }]),
    }
}

/// Over groups where the images have any.
///
/// # Errors
/// As [`Scores::new`] and [`Scores::with_groups`].
pub fn given_metrics(images: &LabelledImages, decided: &[f32]) -> Result<Metrics, Error> {
    let scores = Scores::new(decided, &images.labels)?;
    Ok(match &images.groups {
        Some(groups) => scores.with_groups(groups)?.metrics(),
        None => scores.metrics(),
    })
}

fn drawn(
    distribution: &Distribution,
    data: &DataSet,
    decided: &[f32],
    spread: ScoreSd,
) -> Result<Vec<TestEvaluation>, Error> {
    let by_rule = |rule: &LabelRule| {
        let labels = rule.labels(data);
        let scores = Scores::new(decided, &labels)?;
        let ceiling = |shape, texture| match rule {
            LabelRule::Declared => distribution.ideal_observer_accuracy(shape, texture),
            // The label is the level itself.
            LabelRule::Shape | LabelRule::Texture => Some(1.0),
        };
        Ok(TestEvaluation {
            test: scored_name(&distribution.name, *rule),
            metrics: scores.metrics(),
            best: scores.best_threshold(),
            combinations: cells(data, &labels, decided, spread, ceiling),
        })
    };
    label_rules(distribution).iter().map(by_rule).collect()
}

/// The cells that occur, by label, shape and texture.
fn cells(
    data: &DataSet,
    labels: &[u8],
    decided: &[f32],
    spread: ScoreSd,
    ceiling: impl Fn(ShapeLevel, TextureLevel) -> Option<f64>,
) -> Vec<CombinationEvaluation> {
    let mut groups = BTreeMap::<_, Vec<usize>>::new();
    for (i, (label, cell)) in labels.iter().zip(&data.levels).enumerate() {
        let members = groups.entry((*label, cell.shape, cell.texture));
        members.or_default().push(i);
    }
    let cell = |((label, shape, texture), members): (_, Vec<usize>)| {
        let n = members.len();
        let right = members.iter();
        let right = right.filter(|&&i| u8::from(decided[i] > 0.0) == label);
        let sum: f64 = members.iter().map(|&i| f64::from(decided[i])).sum();
        CombinationEvaluation {
            shape,
            texture,
            label,
            n,
            accuracy: right.count() as f64 / n as f64,
            ideal_observer: ceiling(shape, texture),
            mean_score: spread.to_sd_units(sum / n as f64),
        }
    };
    groups.into_iter().map(cell).collect()
}
