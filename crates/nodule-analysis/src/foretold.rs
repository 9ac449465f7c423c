//! Is what a network will rely on known before it is trained, or after one epoch? Predictors of its final reliance
//! on shape, over the seeds of one loss, in sample and out of it.
//!
//! Decodability before training as a predictor is after Hermann & Lampinen (2020); leaving one seed out is *ours*.

use nodule_eval::statistics::Interval;
use nodule_seed::{derive, stream};
use nodule_study::records::FinishedRun;

use super::intervals::{correlation_interval, mean};
use super::line::line;
use crate::Error;

/// What may foretell reliance on shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predictor {
    /// How much better shape than texture is decoded from the untrained embedding, in AUROC.
    Untrained,
    /// Reliance on shape after the first epoch, in spreads.
    FirstEpoch,
}

impl Predictor {
    pub const ALL: [Self; 2] = [Self::Untrained, Self::FirstEpoch];

    /// As tables name it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Untrained => "shape minus texture decoded from the untrained embedding (AUROC)",
            Self::FirstEpoch => "shape reliance after the first epoch (spreads)",
        }
    }

    /// Of one run; none where the study does not measure it.
    fn of(self, run: &FinishedRun) -> Option<f64> {
        match self {
            Self::Untrained => {
                let layer = run.evaluation.representation.as_ref()?.layers.last()?;
                Some(layer.untrained_shape? - layer.untrained_texture?)
            }
            Self::FirstEpoch => run.evaluation.timeline.get(1).map(|point| point.shape),
        }
    }
}

/// How well a predictor foretells, over seeds.
#[derive(Debug, PartialEq)]
pub struct Foretold {
    /// Spearman's correlation with the final reliance; none where either does not vary.
    pub correlation: Option<f64>,
    /// 95% bootstrap interval over seeds.
    pub interval: Option<Interval>,
    /// Share of the variance of final reliance that a line through the other seeds explains, each seed left out
    /// once: below 0 where their mean does better.
    pub out_of_sample: Option<f64>,
    /// Seeds.
    pub n: usize,
}

/// Of the runs of one loss, one a seed; none without any that have the predictor. The final reliance is that of
/// the last epoch of the timeline, seen by the same read-out on the same latents.
pub fn foretold(group: &[&FinishedRun], predictor: Predictor) -> Result<Option<Foretold>, Error> {
    let pair = |run: &&FinishedRun| {
        let last = run.evaluation.timeline.last()?;
        Some((predictor.of(run)?, last.shape))
    };
    let pairs: Vec<_> = group.iter().filter_map(pair).collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let seeds: Vec<_> = pairs.iter().map(|pair| vec![*pair]).collect();
    let mut random = stream(derive(0, &["foretold", predictor.title()]));
    let (correlation, interval) = correlation_interval(&seeds, RESAMPLES, &mut random)?;
    Ok(Some(Foretold {
        correlation,
        interval,
        out_of_sample: explained_out_of_sample(&pairs),
        n: pairs.len(),
    }))
}

/// Resamples behind an interval that decides nothing.
const RESAMPLES: usize = 2000;

/// One minus the squared error of lines through the others, over that of their means. None where no line can be
/// drawn or nothing varies.
fn explained_out_of_sample(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut missed, mut varied) = (0.0, 0.0);
    for (i, (x, y)) in pairs.iter().enumerate() {
        let others: Vec<_> = pairs
            .iter()
            .enumerate()
            .filter(|(j, _)| *j != i)
            .map(|(_, p)| *p)
            .collect();
        let (slope, start) = line(&others)?;
        missed += (y - (start + slope * x)).powi(2);
        varied += (y - mean(&others.iter().map(|p| p.1).collect::<Vec<_>>())).powi(2);
    }
    (varied > 0.0).then(|| 1.0 - missed / varied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_foretells_and_noise_does_not() {
        let on_a_line: Vec<_> = (0..6)
            .map(|i| (f64::from(i), 2.0 * f64::from(i) + 1.0))
            .collect();
        let found = explained_out_of_sample(&on_a_line);
        assert!(
            found.is_some_and(|share| (share - 1.0).abs() < 1e-12),
            "{found:?}"
        );
        // The fraction was worked out by hand, in whole numbers.
        let noise: Vec<_> = (0..6)
            .map(|i| (f64::from(i), f64::from((i + 1) % 2)))
            .collect();
        let found = explained_out_of_sample(&noise);
        let by_hand = -907_021.0 / 2_531_281.0;
        assert!(
            found.is_some_and(|share| (share - by_hand).abs() < 1e-12),
            "{found:?}"
        );
        assert_eq!(
            explained_out_of_sample(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]),
            None
        );
    }
}
