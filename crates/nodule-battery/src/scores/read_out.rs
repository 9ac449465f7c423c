//! Evaluation of one read-out of one network, from its decision scores on every shared set.

use nodule_eval::{ReadOut, ScoreSd, Scores, reliance};
use nodule_study::Error;
use nodule_study::records::{ModeReliance, ReadOutEvaluation};

use super::decision_surface::decision_surface;
use super::test_sets::evaluate_test_set;
use crate::sets::SharedSets;

/// Decision scores of one read-out, one per image in the order of the sets: larger is more abnormal, above 0 is
/// predicted abnormal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DecisionScores {
    /// On validation images of the training distribution; their SD is the unit of all effects.
    pub validation: Vec<f32>,
    /// On each test set.
    pub tests: Vec<Vec<f32>>,
    /// On the low and the high images of each mode's counterfactual pairs.
    pub pairs: Vec<[Vec<f32>; 2]>,
    /// On the shape-texture plane, point by point; `None` if the study has no decision surface.
    pub plane: Option<Vec<f32>>,
}

/// Returns the evaluation of `read_out`; `labels` are those of the validation images. The caller adds scores of
/// saliency maps. Reads only labels, latents and factor levels of `shared`, so its images may be empty.
///
/// # Errors
/// If the numbers of scores and images differ, or a score is not finite.
pub fn evaluate_read_out(
    read_out: ReadOut,
    scores: &DecisionScores,
    labels: &[u8],
    shared: &SharedSets,
) -> Result<ReadOutEvaluation, Error> {
    let score_sd = ScoreSd::from_scores(&scores.validation)?;
    let validation = Scores::new(&scores.validation, labels)?;
    let mut tests = Vec::new();
    for (set, scores) in shared.tests.iter().zip(&scores.tests) {
        tests.extend(evaluate_test_set(set, scores, score_sd)?);
    }
    let mut modes = Vec::new();
    for (pairs, [low, high]) in shared.pairs.iter().zip(&scores.pairs) {
        let reliance = reliance(low, high, score_sd)?;
        modes.push(ModeReliance {
            mode: pairs.mode,
            effect: reliance.effect,
            flipped: reliance.flipped,
            raised: reliance.raised,
            intervals: None,
        });
    }
    let plane = shared.plane.as_ref().zip(scores.plane.as_ref());
    Ok(ReadOutEvaluation {
        read_out,
        score_sd,
        decision_surface: plane
            .map(|(plane, scores)| decision_surface(plane, scores, score_sd))
            .unwrap_or_default(),
        maps: Vec::new(),
        validation: validation.metrics(),
        validation_best: validation.best_threshold(),
        tests,
        reliance: modes,
    })
}
