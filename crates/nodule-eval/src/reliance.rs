//! Counterfactual reliance: the change of a decision when one mode of variation changes and all else is held (*ours*).

use serde::{Deserialize, Serialize};

use crate::check::{check_finite_non_empty, check_length};
use crate::metrics::wilson_interval;
use crate::statistics::{Interval, bootstrap_mean};
use crate::{Error, ScoreSd};

/// Reliance of a decision on one mode of variation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reliance {
    /// Mean change of the decision score from the low to the high level, in SD units of the score.
    pub effect: f64,
    /// Share of the pairs whose two images are classified differently.
    pub flipped: f64,
    /// Share of the pairs that are normal at the low and abnormal at the high level. The other flipped pairs go the
    /// other way.
    pub raised: f64,
}

/// Returns the reliance from the decision scores `low` `[n]` and `high` `[n]` of counterfactual pairs: images that
/// share all latents except one. The effect is 0 if the decision is constant.
///
/// # Errors
/// If there are no pairs, the lengths differ, or a score is not finite.
///
/// ```
/// use nodule_eval::{ScoreSd, reliance};
///
/// let found = reliance(&[-1.0, 0.5], &[1.0, 1.5], ScoreSd::new(0.5)?)?;
/// assert_eq!(found.effect, 3.0);
/// assert_eq!((found.flipped, found.raised), (0.5, 0.5));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn reliance(low: &[f32], high: &[f32], sd: ScoreSd) -> Result<Reliance, Error> {
    check_finite_non_empty("low scores", low)?;
    check_finite_non_empty("high scores", high)?;
    check_length("high scores", high.len(), low.len())?;
    let n = low.len() as f64;
    let pairs = || low.iter().zip(high);
    let change = pairs()
        .map(|(l, h)| f64::from(*h) - f64::from(*l))
        .sum::<f64>()
        / n;
    let flipped = pairs().filter(|(l, h)| (**l > 0.0) != (**h > 0.0)).count();
    let raised = pairs().filter(|(l, h)| **l <= 0.0 && **h > 0.0).count();
    Ok(Reliance {
        effect: sd.to_sd_units(change),
        flipped: flipped as f64 / n,
        raised: raised as f64 / n,
    })
}

/// Number of resamples of the pairs.
const RESAMPLES: usize = 2000;

/// 95% intervals of a [`Reliance`] over its pairs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RelianceIntervals {
    /// Of the effect: percentile bootstrap of the pairs.
    pub effect: Interval,
    /// Of the share of pairs whose decision differs: Wilson's score interval.
    pub flipped: Interval,
    /// Of the share of pairs that are abnormal at the high level alone, likewise.
    pub became_abnormal: Interval,
    /// Of the share of pairs that are abnormal at the low level alone, likewise.
    pub became_normal: Interval,
}

/// Returns the intervals of the [`reliance`] of the same scores; `seed` starts the resampling. `None` for a single pair.
///
/// # Errors
/// As [`reliance`].
///
/// ```
/// use nodule_eval::{ScoreSd, reliance_intervals};
///
/// let found = reliance_intervals(&[-1.0, 0.5], &[1.0, 1.5], ScoreSd::new(0.5)?, 7)?.unwrap();
/// assert_eq!((found.effect.low, found.effect.high), (2.0, 4.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn reliance_intervals(
    low: &[f32],
    high: &[f32],
    sd: ScoreSd,
    seed: u64,
) -> Result<Option<RelianceIntervals>, Error> {
    let reliance = reliance(low, high, sd)?;
    let changes: Vec<f64> = low
        .iter()
        .zip(high)
        .map(|(l, h)| sd.to_sd_units(f64::from(*h) - f64::from(*l)))
        .collect();
    let effect = bootstrap_mean(&changes, RESAMPLES, seed)?;
    let share = |p: f64| share_interval(p, low.len());
    Ok(effect.map(|effect| RelianceIntervals {
        effect,
        flipped: share(reliance.flipped),
        became_abnormal: share(reliance.raised),
        became_normal: share(reliance.flipped - reliance.raised),
    }))
}

/// 95% intervals of a point of a decision surface over its latents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SurfaceIntervals {
    /// Of the mean score, in SD units: percentile bootstrap of the latents.
    pub score: Interval,
    /// Of the share classified as abnormal: Wilson's score interval.
    pub abnormal: Interval,
}

/// Returns the intervals of the mean and of the share above 0 of the scores at a point of a decision surface; `seed`
/// starts the resampling. `None` for a single score.
///
/// # Errors
/// If there are no scores, or one is not finite.
pub fn surface_intervals(
    scores: &[f32],
    sd: ScoreSd,
    seed: u64,
) -> Result<Option<SurfaceIntervals>, Error> {
    check_finite_non_empty("scores", scores)?;
    let n = scores.len();
    let abnormal = scores.iter().filter(|s| **s > 0.0).count() as f64 / n as f64;
    let scores: Vec<f64> = scores.iter().map(|s| sd.to_sd_units((*s).into())).collect();
    let score = bootstrap_mean(&scores, RESAMPLES, seed)?;
    Ok(score.map(|score| SurfaceIntervals {
        score,
        abnormal: share_interval(abnormal, n),
    }))
}

/// Returns Wilson's score interval of a share of `n`.
fn share_interval(share: f64, n: usize) -> Interval {
    let found = wilson_interval(share, n as f64);
    Interval {
        low: found.low,
        high: found.high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 128 pairs: the normal approximation for the effect, and Wilson's closed form for 32 of 128.
    #[test]
    fn intervals_over_pairs_agree_with_their_closed_forms() {
        let n = 128;
        let low: Vec<f32> = (0..n).map(|i| if i < 32 { -1.0 } else { 1.0 }).collect();
        let high: Vec<f32> = (0..n).map(|i| 1.0 + (i % 8) as f32 / 4.0).collect();
        let intervals = || reliance_intervals(&low, &high, sd(0.5), 3).unwrap();
        let found = intervals().unwrap();
        let pairs = low.iter().zip(&high);
        let changes: Vec<f64> = pairs.map(|(l, h)| f64::from(h - l) / 0.5).collect();
        let mean = changes.iter().sum::<f64>() / n as f64;
        let variance = changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n as f64;
        let half = 1.96 * (variance / n as f64).sqrt();
        for (end, expected) in [
            (found.effect.low, mean - half),
            (found.effect.high, mean + half),
        ] {
            assert!((end - expected).abs() < 0.1 * half, "{found:?} {expected}");
        }
        // (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) of p = 0.25.
        assert!((found.flipped.low - 0.183_013).abs() < 1e-5, "{found:?}");
        assert!((found.flipped.high - 0.331_556).abs() < 1e-5, "{found:?}");
        // All flips raise the score: 32 of 128, and 0 of 128 with the upper end z^2 / (n + z^2).
        assert_eq!(found.became_abnormal, found.flipped);
        assert_eq!(found.became_normal.low, 0.0);
        let high = found.became_normal.high;
        assert!((high - 0.029_137).abs() < 1e-5, "{found:?}");
        assert_eq!(intervals(), Some(found));
        let single = reliance_intervals(&[1.0], &[2.0], sd(1.0), 3);
        assert_eq!(single.unwrap(), None);
    }

    #[test]
    fn intervals_of_a_surface_agree_with_their_closed_forms() {
        let n = 128;
        let scores: Vec<f32> = (0..n).map(|i| if i < 32 { 1.0 } else { -1.0 }).collect();
        let found = surface_intervals(&scores, sd(0.5), 3).unwrap().unwrap();
        // A score of 2 for a quarter and of -2 for the others.
        let half = 1.96 * (3.0f64 / n as f64).sqrt();
        for (end, expected) in [
            (found.score.low, -1.0 - half),
            (found.score.high, -1.0 + half),
        ] {
            assert!((end - expected).abs() < 0.1 * half, "{found:?}");
        }
        assert!((found.abnormal.low - 0.183_013).abs() < 1e-5, "{found:?}");
        assert!((found.abnormal.high - 0.331_556).abs() < 1e-5, "{found:?}");
        assert_eq!(surface_intervals(&[1.0], sd(1.0), 3).unwrap(), None);
        assert!(surface_intervals(&[], sd(1.0), 3).is_err());
    }

    fn sd(value: f64) -> ScoreSd {
        ScoreSd::new(value).unwrap()
    }

    #[test]
    fn effects_are_in_sd_units_and_flips_count_both_directions() {
        let measured = reliance(&[-1.0, 1.0, -1.0, 2.0], &[1.0, -1.0, -0.5, 5.0], sd(0.5)).unwrap();
        assert_eq!(measured.effect, (2.0 - 2.0 + 0.5 + 3.0) / 4.0 / 0.5);
        assert_eq!((measured.flipped, measured.raised), (0.5, 0.25));
    }

    #[test]
    fn a_constant_decision_has_no_reliance() {
        let measured = reliance(&[1.0, 1.0], &[1.0, 1.0], sd(0.0)).unwrap();
        let numbers = [measured.effect, measured.flipped, measured.raised];
        assert_eq!(numbers, [0.0; 3]);
    }

    #[test]
    fn invalid_pairs_are_errors() {
        assert!(reliance(&[], &[], sd(1.0)).is_err());
        assert!(reliance(&[1.0], &[1.0, 2.0], sd(1.0)).is_err());
        let error = reliance(&[1.0, f32::NAN], &[2.0, 2.0], sd(1.0)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("low scores[1] = NaN"), "{message}");
    }
}
