//! Losses compared where they are equally good in distribution, and not only after equally many
//! epochs: each run at the first epoch that reaches the lowest validation loss which both reach.

use nodule_eval::{Interval, bootstrap_mean, sign_flip_test};
use nodule_seed::derive;

use crate::record::{FinishedRun, TimelinePoint};
use crate::select::group;
use crate::settings::Study;

const RESAMPLES: usize = 10_000;

/// Where along its training a run is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
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
    pub(crate) interval: Interval,
    /// Two-sided sign-flip test.
    pub(crate) p: f64,
    pub(crate) n: usize,
    /// Mean epochs of the first and of the second.
    pub(crate) epochs: (f64, f64),
}

/// `of` compared between losses `a` and `b` trained on `train`; none without timelines of both.
pub(crate) fn compare(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    (a, b): (&str, &str),
    moment: Moment,
    of: fn(&TimelinePoint) -> f64,
) -> Option<Comparison> {
    let pairs = (0..study.seeds).filter_map(|seed| {
        let pair = [
            timeline(runs, train, a, seed)?,
            timeline(runs, train, b, seed)?,
        ];
        let at = |timeline| point(timeline, moment, target(&pair));
        Some((at(pair[0])?, at(pair[1])?))
    });
    let pairs: Vec<_> = pairs.collect();
    let n = pairs.len();
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / n as f64;
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| of(a) - of(b)).collect();
    Some(Comparison {
        interval: bootstrap_mean(
            &differences,
            RESAMPLES,
            derive(0, &["matched", train, a, b]),
        )?,
        p: sign_flip_test(&differences)?,
        n,
        epochs: (
            mean(pairs.iter().map(|(a, _)| a.epoch as f64).collect()),
            mean(pairs.iter().map(|(_, b)| b.epoch as f64).collect()),
        ),
        effect: mean(differences),
    })
}

fn timeline<'a>(
    runs: &'a [FinishedRun],
    train: &str,
    loss: &str,
    seed: usize,
) -> Option<&'a [TimelinePoint]> {
    let run = group(runs, train, loss)
        .into_iter()
        .find(|run| run.record.seed == seed)?;
    let timeline = run.evaluation.timeline.as_slice();
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

fn point(timeline: &[TimelinePoint], moment: Moment, target: f64) -> Option<TimelinePoint> {
    match moment {
        Moment::EqualEpochs => timeline.last().copied(),
        Moment::EqualValidationLoss => timeline
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
        assert_eq!(epoch(&slow, Moment::EqualValidationLoss), Some(2));
        assert_eq!(epoch(&fast, Moment::EqualValidationLoss), Some(1));
        assert_eq!(epoch(&fast, Moment::EqualEpochs), Some(2));
    }
}
