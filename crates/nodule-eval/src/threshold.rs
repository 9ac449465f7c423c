//! Best threshold of a test set: separates ranking errors from a badly placed threshold.

use serde::{Deserialize, Serialize};

use crate::Scores;

/// The threshold with the highest balanced accuracy on a set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BestThreshold {
    /// Scores above it are classified as abnormal. In the unit of the scores.
    pub threshold: f64,
    /// Balanced accuracy at the threshold. It is optimistic on small sets, since the same images choose the threshold.
    pub balanced_accuracy: f64,
}

impl Scores<'_> {
    /// Returns the threshold with the highest balanced accuracy (the maximum of Youden's index: Youden 1950).
    ///
    /// Thresholds lie halfway between two scores; of equally good ones the nearest to 0 is returned. `None` if a class
    /// has no image.
    ///
    /// ```
    /// use nodule_eval::Scores;
    ///
    /// let best = Scores::new(&[3.0, 4.0, 5.0, 6.0], &[0, 0, 1, 1])?.best_threshold().unwrap();
    /// assert_eq!((best.threshold, best.balanced_accuracy), (4.5, 1.0));
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    #[must_use]
    pub fn best_threshold(&self) -> Option<BestThreshold> {
        let mut sorted: Vec<(f64, u8)> = self
            .scores
            .iter()
            .map(|s| f64::from(*s))
            .zip(self.labels.iter().copied())
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let abnormal = self.labels.iter().filter(|l| **l == 1).count();
        let normal = self.labels.len() - abnormal;
        if abnormal == 0 || normal == 0 {
            return None;
        }
        let mut best: Option<BestThreshold> = None;
        let (mut normal_below, mut abnormal_below) = (0, 0);
        for i in 0..=sorted.len() {
            if let Some(threshold) = threshold_before(&sorted, i) {
                let specificity = normal_below as f64 / normal as f64;
                let sensitivity = (abnormal - abnormal_below) as f64 / abnormal as f64;
                let candidate = BestThreshold {
                    threshold,
                    balanced_accuracy: f64::midpoint(specificity, sensitivity),
                };
                let is_better = |best: &BestThreshold| {
                    let gain = candidate.balanced_accuracy - best.balanced_accuracy;
                    gain > 1e-12 || (gain > -1e-12 && threshold.abs() < best.threshold.abs())
                };
                if best.as_ref().is_none_or(is_better) {
                    best = Some(candidate);
                }
            }
            match sorted.get(i) {
                Some((_, 1)) => abnormal_below += 1,
                Some(_) => normal_below += 1,
                None => {}
            }
        }
        best
    }
}

/// Returns the threshold below the `i`-th of the `sorted` scores and not below the one before it; `None` if the two
/// are equal.
fn threshold_before(sorted: &[(f64, u8)], i: usize) -> Option<f64> {
    let before = i.checked_sub(1).map(|j| sorted[j].0);
    let after = sorted.get(i).map(|s| s.0);
    match (before, after) {
        (Some(low), Some(high)) if low < high => Some(f64::midpoint(low, high)),
        // At large scores 1 less would be the score itself.
        (None, Some(first)) => Some((first - 1.0).min(first.next_down())),
        (Some(last), None) => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_threshold(scores: &[f32], labels: &[u8]) -> Option<BestThreshold> {
        Scores::new(scores, labels).unwrap().best_threshold()
    }

    #[test]
    fn thresholds_and_their_balanced_accuracies_are_those_computed_by_hand() {
        type Case<'a> = (&'a [f32], &'a [u8], Option<f64>, f64);
        let cases: [Case; 5] = [
            // A shifted ranking loses only its threshold.
            (&[3.0, 4.0, 5.0, 6.0], &[0, 0, 1, 1], Some(4.5), 1.0),
            // Thresholds -1.5 and 1 are equally good: the one nearest to zero counts.
            (&[-2.0, -1.0, 0.5, 1.5], &[0, 1, 0, 1], Some(1.0), 0.75),
            // Ties are not split.
            (&[1.0, 1.0], &[0, 1], None, 0.5),
            // A reversed ranking equals a constant.
            (&[2.0, 1.0], &[0, 1], None, 0.5),
            // Zeros of both signs are equal scores.
            (&[-0.0, 0.0], &[0, 1], None, 0.5),
        ];
        for (scores, labels, threshold, balanced_accuracy) in cases {
            let best = best_threshold(scores, labels).unwrap();
            assert_eq!(best.balanced_accuracy, balanced_accuracy, "{scores:?}");
            assert!(threshold.is_none_or(|t| t == best.threshold), "{best:?}");
        }
        assert_eq!(best_threshold(&[1.0], &[1]), None);
    }

    #[test]
    fn the_threshold_reaches_its_balanced_accuracy_at_any_scale() {
        for scale in [1e-44f32, 1e-3, 1.0, 1e17, 3e38] {
            for labels in [[0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 0]] {
                let scores = [0.25f32, 0.5, 0.75, 1.0].map(|s| s * scale);
                let best = best_threshold(&scores, &labels).unwrap();
                let predicted = scores.map(|s| u8::from(f64::from(s) > best.threshold));
                let recall = |class: u8| {
                    let members = labels.iter().zip(predicted).filter(|(l, _)| **l == class);
                    members.filter(|(l, p)| **l == *p).count() as f64 / 2.0
                };
                let balanced = f64::midpoint(recall(0), recall(1));
                assert_eq!(best.balanced_accuracy, balanced, "{scale} {labels:?}");
            }
        }
    }

    #[test]
    fn invalid_scores_are_errors() {
        assert!(Scores::new(&[], &[]).is_err());
        assert!(Scores::new(&[1.0, 2.0], &[0, 2]).is_err());
        assert!(Scores::new(&[f32::NAN], &[1]).is_err());
    }
}
