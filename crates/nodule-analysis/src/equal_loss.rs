//! Losses compared where they are equally good in distribution, and not only after equally many
//! epochs: each run at the first epoch that reaches the lowest validation loss, or the highest validation
//! accuracy, which both reach.

use nodule_eval::statistics::{Interval, bootstrap_mean, sign_flip_test};
use nodule_seed::derive;
use nodule_study::records::TimelinePoint;

use super::Runs;
use super::evidence::RESAMPLES;
use super::intervals::mean;
use crate::Error;

/// Where along their training two runs of a seed are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After all epochs.
    End,
    /// At the first epochs of equal validation loss.
    EqualLoss,
    /// At the first epochs of equal validation accuracy.
    EqualAccuracy,
}

impl Moment {
    pub const ALL: [Self; 3] = [Self::End, Self::EqualLoss, Self::EqualAccuracy];

    /// As files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::EqualLoss => "equal-validation-loss",
            Self::EqualAccuracy => "equal-validation-accuracy",
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::End => "at the end",
            Self::EqualLoss => "at equal validation loss",
            Self::EqualAccuracy => "at equal validation accuracy",
        }
    }
}

/// One loss against another, paired over seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Mean of the first minus the second.
    pub effect: f64,
    /// 95% bootstrap interval over seeds; none for one seed.
    pub interval: Option<Interval>,
    /// Two-sided sign-flip test.
    pub p: f64,
    pub n: usize,
    /// Mean epochs of the first and of the second.
    pub epochs: (f64, f64),
}

/// `of` compared between losses `a` and `b` trained on `train`; none without timelines of both.
pub fn compare(
    runs: &Runs,
    train: &str,
    (a, b): (&str, &str),
    moment: Moment,
    of: fn(&TimelinePoint) -> f64,
) -> Result<Option<Comparison>, Error> {
    let pairs = (0..runs.study.seeds).filter_map(|seed| {
        let pair = [
            timeline(runs, train, a, seed)?,
            timeline(runs, train, b, seed)?,
        ];
        let at = |timeline| point(timeline, moment, &pair);
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

/// What both timelines reach: the lowest validation loss, or the highest accuracy; `error` is what falls.
fn target(timelines: &[&[TimelinePoint]], error: fn(&TimelinePoint) -> f64) -> f64 {
    let lowest = timelines.iter().map(|t| {
        let errors = t.iter().map(error);
        errors.fold(f64::INFINITY, f64::min)
    });
    lowest.fold(f64::NEG_INFINITY, f64::max)
}

/// Where `timeline` is compared with the other of `pair`.
fn point(
    timeline: &[TimelinePoint],
    moment: Moment,
    pair: &[&[TimelinePoint]],
) -> Option<TimelinePoint> {
    let error: fn(&TimelinePoint) -> f64 = match moment {
        Moment::End => return timeline.last().copied(),
        Moment::EqualLoss => |p| p.validation_loss,
        Moment::EqualAccuracy => |p| 1.0 - p.validation_accuracy,
    };
    let target = target(pair, error);
    timeline.iter().find(|p| error(p) <= target).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: usize, validation_loss: f64) -> TimelinePoint {
        TimelinePoint {
            epoch,
            validation_accuracy: 1.0 - validation_loss / 2.0,
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
        let pair: [&[TimelinePoint]; 2] = [&slow, &fast];
        assert_eq!(target(&pair, |p| p.validation_loss), 0.6);
        let epoch = |t: &[TimelinePoint], m| point(t, m, &pair).map(|p| p.epoch);
        let accuracy = Moment::EqualAccuracy;
        assert_eq!(epoch(&slow, accuracy), Some(2));
        assert_eq!(epoch(&fast, accuracy), Some(1));
        assert_eq!(epoch(&slow, Moment::EqualLoss), Some(2));
        assert_eq!(epoch(&fast, Moment::EqualLoss), Some(1));
        assert_eq!(epoch(&fast, Moment::End), Some(2));
    }
}
