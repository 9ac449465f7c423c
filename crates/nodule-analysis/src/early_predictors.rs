//! Early predictors of reliance: how well the final reliance on shape is predicted before training and after one epoch,
//! over the seeds of one loss.
//!
//! Decodability before training as a predictor follows Hermann & Lampinen (2020); leave-one-seed-out prediction is
//! *ours*.

use nodule_eval::statistics::Interval;
use nodule_seed::{derive, stream};
use nodule_study::claims::clustered_spearman;
use nodule_study::records::FinishedRun;

use crate::Error;
use crate::least_squares::fit_line;
use crate::means::mean;

/// A predictor of the final reliance on shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predictor {
    /// AUROC of shape minus AUROC of texture, decoded from the untrained embedding.
    Untrained,
    /// Reliance on shape after the first epoch, in SD units.
    FirstEpoch,
}

impl Predictor {
    /// All predictors, in the order of tables.
    pub const ALL: [Self; 2] = [Self::Untrained, Self::FirstEpoch];

    /// Returns the text, as tables spell it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Untrained => "shape minus texture decoded from the untrained embedding (AUROC)",
            Self::FirstEpoch => "shape reliance after the first epoch (SD units)",
        }
    }

    /// Returns the name that seeds the bootstrap. A change of it changes intervals.
    fn seed_name(self) -> &'static str {
        match self {
            Self::Untrained => self.title(),
            Self::FirstEpoch => "shape reliance after the first epoch (spreads)",
        }
    }

    /// Returns the value of one run; `None` if the study does not measure it.
    fn value(self, run: &FinishedRun) -> Option<f64> {
        match self {
            Self::Untrained => {
                let embedding = run.evaluation.representation.as_ref()?.layers.last()?;
                Some(embedding.untrained_shape? - embedding.untrained_texture?)
            }
            // The last epoch of a run is what is predicted.
            Self::FirstEpoch => match run.evaluation.timeline.as_slice() {
                [_, first, _, ..] => Some(first.shape),
                _ => None,
            },
        }
    }
}

/// How well a predictor works, over seeds.
#[derive(Debug, PartialEq)]
pub struct Prediction {
    /// Spearman's correlation with the final reliance; `None` if either does not vary.
    pub correlation: Option<f64>,
    /// 95% bootstrap interval over seeds.
    pub interval: Option<Interval>,
    /// Share of the variance of the final reliance that a line through the other seeds explains, with each seed left out
    /// once; below 0 if the mean of the other seeds predicts better.
    pub out_of_sample: Option<f64>,
    /// Number of seeds.
    pub n: usize,
}

/// Evaluates a predictor over the runs of one loss, one per seed; `None` if no run has it.
///
/// The final reliance is that of the last epoch of the timeline, with the same read-out and latents.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn evaluate_predictor(
    group: &[&FinishedRun],
    predictor: Predictor,
) -> Result<Option<Prediction>, Error> {
    let pairs: Vec<_> = group
        .iter()
        .filter_map(|run| {
            let last = run.evaluation.timeline.last()?;
            Some((predictor.value(run)?, last.shape))
        })
        .collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let seeds: Vec<_> = pairs.iter().map(|pair| vec![*pair]).collect();
    let mut random = stream(derive(0, &["foretold", predictor.seed_name()]));
    let (correlation, interval) = clustered_spearman(&seeds, RESAMPLES, &mut random)?;
    Ok(Some(Prediction {
        correlation,
        interval,
        out_of_sample: explained_out_of_sample(&pairs),
        n: pairs.len(),
    }))
}

/// Resamples of an interval that is shown but decides no claim.
const RESAMPLES: usize = 2000;

/// Returns 1 minus the squared error of lines through the other seeds, divided by that of their means.
///
/// `None` if no line can be fitted or nothing varies.
fn explained_out_of_sample(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut residual, mut total) = (0.0, 0.0);
    for (i, (x, y)) in pairs.iter().enumerate() {
        let others = [&pairs[..i], &pairs[i + 1..]].concat();
        let (slope, intercept) = fit_line(&others)?;
        residual += (y - (intercept + slope * x)).powi(2);
        total += (y - mean(&others.iter().map(|p| p.1).collect::<Vec<_>>())).powi(2);
    }
    (total > 0.0).then(|| 1.0 - residual / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_explained_and_noise_is_not() {
        let share = |y: fn(i32) -> i32| {
            let pairs: Vec<_> = (0..6).map(|i| (f64::from(i), f64::from(y(i)))).collect();
            explained_out_of_sample(&pairs).unwrap()
        };
        // Expected fraction of the noise computed by hand, in whole numbers.
        for (found, expected) in [
            (share(|i| 2 * i + 1), 1.0),
            (share(|i| (i + 1) % 2), -907_021.0 / 2_531_281.0),
        ] {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
        let vertical = [(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)];
        assert_eq!(explained_out_of_sample(&vertical), None);
    }
}
