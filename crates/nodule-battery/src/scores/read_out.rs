//! One read-out of one network, from its decision values on every shared set.

use nodule_eval::{ReadOut, ScoreSd, Scores, reliance};
use nodule_study::Error;
use nodule_study::records::{ModeReliance, ReadOutEvaluation};

use super::landscape::landscape;
use super::test_sets::test_set;
use crate::sets::SharedSets;

/// Decision values, larger being more abnormal and above 0 being decided as abnormal: one an image, in
/// the order of the sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decided {
    /// On validation images of the training distribution: their spread is the unit of all effects.
    pub validation: Vec<f32>,
    /// On each test set.
    pub tests: Vec<Vec<f32>>,
    /// On the low and the high end of each mode's pairs.
    pub pairs: Vec<[Vec<f32>; 2]>,
    /// On the square of shape and texture, point by point; none where the study has no landscape.
    pub landscape: Option<Vec<f32>>,
}

/// Everything that is measured under `read_out`; `labels` are those of the validation images. Only
/// labels, latents and cells of `shared` are looked at, so its images may be left out. The caller adds the scores of
/// maps.
///
/// # Errors
/// If the numbers of values and images differ, or a value is not finite.
pub fn evaluate(
    read_out: ReadOut,
    decided: &Decided,
    labels: &[u8],
    shared: &SharedSets,
) -> Result<ReadOutEvaluation, Error> {
    let spread = ScoreSd::from_scores(&decided.validation)?;
    let validation = Scores::new(&decided.validation, labels)?;
    let mut tests = Vec::new();
    for (set, decided) in shared.tests.iter().zip(&decided.tests) {
        tests.extend(test_set(set, decided, spread)?);
    }
    let pairs = shared.pairs.iter().zip(&decided.pairs);
    let modes = pairs.map(|(pairs, [low, high])| {
        let measured = reliance(low, high, spread)?;
        Ok::<_, Error>(ModeReliance {
            mode: pairs.mode,
            effect: measured.effect,
            flipped: measured.flipped,
            raised: measured.raised,
        })
    });
    let square = shared.landscape.as_ref().zip(decided.landscape.as_ref());
    let landscape = square.map(|(square, decided)| landscape(square, decided, spread));
    Ok(ReadOutEvaluation {
        read_out,
        score_sd: spread,
        decision_surface: landscape.unwrap_or_default(),
        maps: Vec::new(),
        validation: validation.metrics(),
        validation_best: validation.best_threshold(),
        tests,
        reliance: modes.collect::<Result<_, _>>()?,
    })
}
