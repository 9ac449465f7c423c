//! Comparison of losses at equal performance in distribution instead of at equal numbers of epochs.
//!
//! Each run is taken at the first epoch that reaches the lowest validation loss, or the highest validation accuracy, of
//! the worse of the two runs.

use nodule_seed::derive;
use nodule_study::claims::{Evidence, mean_evidence};
use nodule_study::records::TimelinePoint;

use crate::means::mean;
use crate::{Error, Runs};

/// The epochs at which two runs of a seed are compared.
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
    /// All moments, in the order of tables.
    pub const ALL: [Self; 3] = [Self::End, Self::EqualLoss, Self::EqualAccuracy];

    /// Returns the name, as files spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::EqualLoss => "equal-validation-loss",
            Self::EqualAccuracy => "equal-validation-accuracy",
        }
    }

    /// Returns the text for sentences.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::End => "at the end",
            Self::EqualLoss => "at equal validation loss",
            Self::EqualAccuracy => "at equal validation accuracy",
        }
    }
}

/// One loss compared with another, paired over seeds.
#[derive(Debug)]
pub struct Comparison {
    /// The first minus the second.
    pub evidence: Evidence,
    /// Mean epochs of the first and of the second.
    pub epochs: (f64, f64),
}

/// Compares `field` of the timelines of losses `a` and `b`, trained on `train`; `None` without timelines of both.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn compare(
    runs: &Runs,
    train: &str,
    (a, b): (&str, &str),
    moment: Moment,
    field: fn(&TimelinePoint) -> f64,
) -> Result<Option<Comparison>, Error> {
    let pairs: Vec<_> = (0..runs.study.seeds)
        .filter_map(|seed| {
            let pair = [
                timeline(runs, train, a, seed)?,
                timeline(runs, train, b, seed)?,
            ];
            let select = |timeline| select_point(timeline, moment, &pair);
            Some((select(pair[0])?, select(pair[1])?))
        })
        .collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| field(a) - field(b)).collect();
    let random_seed = derive(0, &["matched", train, a, b]);
    let (first, second): (Vec<f64>, Vec<f64>) = pairs
        .iter()
        .map(|(a, b)| (a.epoch as f64, b.epoch as f64))
        .unzip();
    Ok(Some(Comparison {
        evidence: mean_evidence(&differences, random_seed)?,
        epochs: (mean(&first), mean(&second)),
    }))
}

fn timeline<'a>(
    runs: &Runs<'a>,
    train: &str,
    loss: &str,
    seed: usize,
) -> Option<&'a [TimelinePoint]> {
    let timeline = runs.find(train, loss, seed)?.evaluation.timeline.as_slice();
    (!timeline.is_empty()).then_some(timeline)
}

/// Returns the lowest error that all timelines reach.
fn shared_target(timelines: &[&[TimelinePoint]], error: fn(&TimelinePoint) -> f64) -> f64 {
    let lowest = timelines.iter().map(|timeline| {
        let errors = timeline.iter().map(error);
        errors.fold(f64::INFINITY, f64::min)
    });
    lowest.fold(f64::NEG_INFINITY, f64::max)
}

/// Returns the epoch of `timeline` at which it is compared with the other timeline of `pair`.
fn select_point(
    timeline: &[TimelinePoint],
    moment: Moment,
    pair: &[&[TimelinePoint]],
) -> Option<TimelinePoint> {
    let error: fn(&TimelinePoint) -> f64 = match moment {
        Moment::End => return timeline.last().copied(),
        Moment::EqualLoss => |point| point.validation_loss,
        Moment::EqualAccuracy => |point| 1.0 - point.validation_accuracy,
    };
    let target = shared_target(pair, error);
    timeline
        .iter()
        .find(|point| error(point) <= target)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(epoch: usize, validation_loss: f64) -> TimelinePoint {
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
    fn target_is_the_best_of_the_slower_run() {
        let slow = [point(0, 0.9), point(1, 0.7), point(2, 0.6)];
        let fast = [point(0, 0.9), point(1, 0.5), point(2, 0.4)];
        let pair: [&[TimelinePoint]; 2] = [&slow, &fast];
        assert_eq!(shared_target(&pair, |p| p.validation_loss), 0.6);
        let epoch = |t: &[TimelinePoint], m| select_point(t, m, &pair).map(|p| p.epoch);
        let accuracy = Moment::EqualAccuracy;
        assert_eq!(epoch(&slow, accuracy), Some(2));
        assert_eq!(epoch(&fast, accuracy), Some(1));
        assert_eq!(epoch(&slow, Moment::EqualLoss), Some(2));
        assert_eq!(epoch(&fast, Moment::EqualLoss), Some(1));
        assert_eq!(epoch(&fast, Moment::End), Some(2));
    }
}
