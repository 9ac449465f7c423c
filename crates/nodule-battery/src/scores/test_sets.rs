//! Evaluation of one read-out on one test set: metrics, and accuracy per combination of factor levels.

use std::collections::BTreeMap;

use nodule_eval::{Metrics, ScoreSd, Scores};
use nodule_images::LabelledImages;
use nodule_study::Error;
use nodule_study::records::{CombinationEvaluation, HeldOutScores, TestEvaluation};
use nodule_study::settings::{LabelRule, TestableImages, label_rules, scored_name};
use nodule_synth::{DataSet, Distribution, ShapeLevel, TextureLevel};

use crate::sets::TestImages;

/// Returns one evaluation per label rule of a generated set, and one of the user's images, whose factor levels are
/// unknown.
pub(super) fn evaluate_test_set(
    set: &TestImages,
    scores: &[f32],
    score_sd: ScoreSd,
) -> Result<Vec<TestEvaluation>, Error> {
    match set {
        TestImages::Generated(distribution, data) => {
            evaluate_rules(distribution, data, scores, score_sd)
        }
        TestImages::External(name, set) => Ok(vec![TestEvaluation {
            test: name.clone(),
            metrics: external_metrics(&set.images, scores)?,
            best: Scores::new(scores, &set.images.labels)?.best_threshold(),
            combinations: Vec::new(),
            held_out: held_out_scores(set, scores),
        }]),
    }
}

/// Returns the scores of images whose groups other folds train on; `None` if there are none.
fn held_out_scores(set: &TestableImages, scores: &[f32]) -> Option<HeldOutScores> {
    let mut held_out = HeldOutScores::default();
    let images = set.held_out.iter().zip(&set.images.labels).zip(scores);
    for ((group, label), score) in images {
        if let Some(group) = group {
            held_out.groups.push(group.clone());
            held_out.labels.push(*label);
            held_out.scores.push(*score);
        }
    }
    (!held_out.groups.is_empty()).then_some(held_out)
}

/// Returns the metrics on the user's images, with intervals over groups if the images name groups.
///
/// # Errors
/// As [`Scores::new`] and [`Scores::with_groups`].
pub fn external_metrics(images: &LabelledImages, scores: &[f32]) -> Result<Metrics, Error> {
    let scores = Scores::new(scores, &images.labels)?;
    Ok(match &images.groups {
        Some(groups) => scores.with_groups(groups)?.metrics(),
        None => scores.metrics(),
    })
}

fn evaluate_rules(
    distribution: &Distribution,
    data: &DataSet,
    scores: &[f32],
    score_sd: ScoreSd,
) -> Result<Vec<TestEvaluation>, Error> {
    let evaluate = |rule: &LabelRule| {
        let labels = rule.labels(data);
        let labelled = Scores::new(scores, &labels)?;
        let ideal_observer = |shape, texture| match rule {
            LabelRule::Declared => distribution.ideal_observer_accuracy(shape, texture),
            // The label is a function of the level.
            LabelRule::Shape | LabelRule::Texture => Some(1.0),
        };
        Ok(TestEvaluation {
            test: scored_name(&distribution.name, *rule),
            metrics: labelled.metrics(),
            best: labelled.best_threshold(),
            combinations: evaluate_combinations(data, &labels, scores, score_sd, ideal_observer),
            held_out: None,
        })
    };
    label_rules(distribution).iter().map(evaluate).collect()
}

/// Returns the combinations of label, shape level and texture level that occur, in that order.
fn evaluate_combinations(
    data: &DataSet,
    labels: &[u8],
    scores: &[f32],
    score_sd: ScoreSd,
    ideal_observer: impl Fn(ShapeLevel, TextureLevel) -> Option<f64>,
) -> Vec<CombinationEvaluation> {
    let mut combinations = BTreeMap::<_, Vec<usize>>::new();
    for (i, (label, levels)) in labels.iter().zip(&data.levels).enumerate() {
        let key = (*label, levels.shape, levels.texture);
        combinations.entry(key).or_default().push(i);
    }
    let evaluate = |((label, shape, texture), members): (_, Vec<usize>)| {
        let n = members.len();
        let is_correct = |i: &&usize| u8::from(scores[**i] > 0.0) == label;
        let correct = members.iter().filter(is_correct).count();
        let sum: f64 = members.iter().map(|&i| f64::from(scores[i])).sum();
        CombinationEvaluation {
            shape,
            texture,
            label,
            n,
            accuracy: correct as f64 / n as f64,
            ideal_observer: ideal_observer(shape, texture),
            mean_score: score_sd.to_sd_units(sum / n as f64),
        }
    };
    combinations.into_iter().map(evaluate).collect()
}
