//! Losses compared where they are equally good in distribution, and not only after equally many
//! epochs: each run at the first epoch that reaches the lowest validation loss which both reach.

use nodule_eval::statistics::{Interval, bootstrap_mean, sign_flip_test};
use nodule_seed::derive;
use nodule_study::records::TimelinePoint;

use super::Runs;
use super::evidence::RESAMPLES;
use super::intervals::mean;
use crate::Error;

/// Where along its training a run is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchedAt {
    /// After all epochs.
    EqualEpochs,
    /// At the first epoch of equal validation loss.
    EqualValidationLoss,
}

/// One loss against another, paired over seeds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    /// Mean of the first minus the second.
    pub(crate) effect: f64,
    /// 95% bootstrap interval over seeds; none for one seed.
    pub(crate) interval: Option<Interval>,
    /// Two-sided sign-flip test.
    pub(crate) p: f64,
    pub(crate) n: usize,
    /// Mean epochs of the first and of the second.
    pub(crate) epochs: (f64, f64),
}

/// `of` compared between losses `a` and `b` trained on `train`; none without timelines of both.
pub(crate) fn compare(
    runs: &Runs,
    train: &str,
    (a, b): (&str, &str),
    matched: MatchedAt,
    of: fn(&TimelinePoint) -> f64,
) -> Result<Option<Comparison>, Error> {
    let pairs = (0..runs.study.seeds).filter_map(|seed| {
        let pair = [
            timeline(runs, train, a, seed)?,
            timeline(runs, train, b, seed)?,
        ];
        let at = |timeline| point(timeline, matched, target(&pair));
        Some((at(pair[0])?, at(pair[1])?))
    });
    let pairs: Vec<_> = pairs.collect();
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| of(a) - of(b)).collect();
    let Some(p) = sign_flip_test(&differences)? else {
        return Ok(None);
    };
    let epochs = |of: fn(&(TimelinePoint, TimelinePoint)) -> usize| {
        mean(&pairs.iter().map(|pair| of(pair) as f64).collect::<Vec<_>>())
    };
    let seed = derive(0, &["matched", train, a, b]);
    Ok(Some(Comparison {
        effect: mean(&differences),
        interval: bootstrap_mean(&differences, RESAMPLES, seed)?,
        p,
        n: pairs.len(),
        epochs: (epochs(|pair| pair.0.epoch), epochs(|pair| pair.1.epoch)),
    }))
}

fn timeline<'a>(
    runs: &Runs<'a>,
    train: &str,
    loss: &str,
    seed: usize,
) -> Option<&'a [TimelinePoint]> {
    let timeline = runs.one(train, loss, seed)?.evaluation.timeline.as_slice();
    (!timeline.is_empty()).then_some(timeline)
}

/// The lowest validation loss that all of them reach.
fn target(timelines: &[&[TimelinePoint]]) -> f64 {
    let lowest = timelines.iter().map(|t| {
        let losses = t.iter().map(|p| p.validation_loss);
        losses.fold(f64::INFINITY, f64::min)
    });
    lowest.fold(f64::NEG_INFINITY, f64::max)
}

fn point(timeline: &[TimelinePoint], matched: MatchedAt, target: f64) -> Option<TimelinePoint> {
    match matched {
        MatchedAt::EqualEpochs => timeline.last().copied(),
        MatchedAt::EqualValidationLoss => timeline
            .iter()
            .find(|p| p.validation_loss <= target)
            .copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: usize, validation_loss: f64) -> TimelinePoint {
        TimelinePoint {
            epoch,
            validation_accuracy: 0.0,
            validation_loss,
            shape: 0.0,
            texture: 0.0,
            shape_decoded: None,
            texture_decoded: None,
            shape_only: 0.0,
            texture_only: 0.0,
        }
    }

    #[test]
    fn the_target_is_what_the_slowest_reaches() {
        let slow = [at(0, 0.9), at(1, 0.7), at(2, 0.6)];
        let fast = [at(0, 0.9), at(1, 0.5), at(2, 0.4)];
        let target = target(&[&slow, &fast]);
        assert_eq!(target, 0.6);
        let epoch = |t: &[TimelinePoint], m| point(t, m, target).map(|p| p.epoch);
        assert_eq!(epoch(&slow, MatchedAt::EqualValidationLoss), Some(2));
        assert_eq!(epoch(&fast, MatchedAt::EqualValidationLoss), Some(1));
        assert_eq!(epoch(&fast, MatchedAt::EqualEpochs), Some(2));
    }
}
