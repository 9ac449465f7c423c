//! The threshold that a set's own labels would have chosen: what is lost by ranking images wrongly,
//! and what by cutting the ranking in the wrong place.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{binary, finite, same_length};

/// The best cut of a set's scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BestThreshold {
    /// Scores above it are called abnormal. In the scores' own unit.
    pub threshold: f64,
    /// Balanced accuracy there: the highest that any threshold reaches on these images, so it
    /// flatters small sets.
    pub balanced_accuracy: f64,
}

/// The threshold with the highest balanced accuracy (the maximum of Youden's index: Youden 1950) for
/// `scores` `[n]` against `labels` `[n]` (0 or 1): halfway between two scores, the one nearest to 0
/// among equals. None where a class is missing.
///
/// # Errors
/// If there are no scores, the lengths differ, a score is not finite, or a label neither 0 nor 1.
pub fn best_threshold(scores: &[f32], labels: &[u8]) -> Result<Option<BestThreshold>, Error> {
    finite("scores", scores)?;
    same_length("labels", labels.len(), scores.len())?;
    binary("labels", labels)?;
    let mut order: Vec<(f64, u8)> = scores
        .iter()
        .map(|s| f64::from(*s))
        .zip(labels.iter().copied())
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let abnormal = labels.iter().filter(|l| **l == 1).count();
    let normal = labels.len() - abnormal;
    if abnormal == 0 || normal == 0 {
        return Ok(None);
    }
    let mut best: Option<BestThreshold> = None;
    let (mut below_normal, mut below_abnormal) = (0, 0);
    for i in 0..=order.len() {
        let cut = match (
            i.checked_sub(1).map(|j| order[j].0),
            order.get(i).map(|o| o.0),
        ) {
            (Some(low), Some(high)) if low < high => Some(f64::midpoint(low, high)),
            // One less, or as much less as is needed to lie below it at all.
            (None, Some(first)) => Some((first - 1.0).min(first.next_down())),
            (Some(last), None) => Some(last),
            _ => None,
        };
        if let Some(threshold) = cut {
            let specificity = below_normal as f64 / normal as f64;
            let sensitivity = (abnormal - below_abnormal) as f64 / abnormal as f64;
            let found = BestThreshold {
                threshold,
                balanced_accuracy: f64::midpoint(specificity, sensitivity),
            };
            let better = |b: &BestThreshold| {
                let gain = found.balanced_accuracy - b.balanced_accuracy;
                gain > 1e-12 || (gain > -1e-12 && threshold.abs() < b.threshold.abs())
            };
            if best.as_ref().is_none_or(better) {
                best = Some(found);
            }
        }
        match order.get(i) {
            Some((_, 1)) => below_abnormal += 1,
            Some(_) => below_normal += 1,
            None => {}
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_ranking_loses_nothing_but_its_threshold() {
        let best = best_threshold(&[3.0, 4.0, 5.0, 6.0], &[0, 0, 1, 1])
            .unwrap()
            .unwrap();
        assert_eq!(
            best,
            BestThreshold {
                threshold: 4.5,
                balanced_accuracy: 1.0
            }
        );
    }

    #[test]
    fn among_equals_the_one_nearest_to_zero_is_taken() {
        // Cutting at -1.5 or at 1 is equally good.
        let best = best_threshold(&[-2.0, -1.0, 0.5, 1.5], &[0, 1, 0, 1])
            .unwrap()
            .unwrap();
        assert_eq!(
            best,
            BestThreshold {
                threshold: 1.0,
                balanced_accuracy: 0.75
            }
        );
    }

    #[test]
    fn ties_are_not_cut_and_a_reversed_ranking_is_worth_a_constant() {
        let tied = best_threshold(&[1.0, 1.0], &[0, 1]).unwrap().unwrap();
        assert_eq!(tied.balanced_accuracy, 0.5);
        let reversed = best_threshold(&[2.0, 1.0], &[0, 1]).unwrap().unwrap();
        assert_eq!(reversed.balanced_accuracy, 0.5);
        assert_eq!(best_threshold(&[1.0], &[1]).unwrap(), None);
        // Zeros of both signs are one score.
        let zeros = best_threshold(&[-0.0, 0.0], &[0, 1]).unwrap().unwrap();
        assert_eq!(zeros.balanced_accuracy, 0.5);
    }

    #[test]
    fn a_threshold_does_what_it_says_at_any_scale() {
        for scale in [1e-44f32, 1e-3, 1.0, 1e17, 3e38] {
            for labels in [[0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 0]] {
                let scores = [0.25f32, 0.5, 0.75, 1.0].map(|s| s * scale);
                let best = best_threshold(&scores, &labels).unwrap().unwrap();
                let called = scores.map(|s| u8::from(f64::from(s) > best.threshold));
                let right = |class: u8| {
                    let of_class = labels.iter().zip(called).filter(|(l, _)| **l == class);
                    of_class.filter(|(l, c)| **l == *c).count() as f64 / 2.0
                };
                let balanced = f64::midpoint(right(0), right(1));
                assert_eq!(best.balanced_accuracy, balanced, "{scale} {labels:?}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(best_threshold(&[], &[]).is_err());
        assert!(best_threshold(&[1.0, 2.0], &[0, 2]).is_err());
        assert!(best_threshold(&[f32::NAN], &[1]).is_err());
    }
}
