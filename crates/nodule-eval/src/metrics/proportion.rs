//! Metrics that are shares of images: accuracy, sensitivity, specificity and balanced accuracy.

use super::groups::effective_sample_size;
use super::{Estimate, NORMAL_QUANTILE};
use crate::Scores;

pub(super) fn accuracy(scores: &Scores) -> Option<Estimate> {
    share_correct(scores, None)
}

pub(super) fn sensitivity(scores: &Scores) -> Option<Estimate> {
    share_correct(scores, Some(1))
}

pub(super) fn specificity(scores: &Scores) -> Option<Estimate> {
    share_correct(scores, Some(0))
}

/// Returns the share of correctly classified images, of one class or of all.
fn share_correct(scores: &Scores, class: Option<u8>) -> Option<Estimate> {
    let members: Vec<usize> = (0..scores.labels.len())
        .filter(|i| class.is_none_or(|class| scores.labels[*i] == class))
        .collect();
    let is_correct = |i: &usize| u8::from(scores.scores[*i] > 0.0) == scores.labels[*i];
    let correct: Vec<bool> = members.iter().map(is_correct).collect();
    let n = match scores.groups {
        None => correct.len() as f64,
        Some(groups) => {
            let groups: Vec<usize> = members.iter().map(|i| groups[*i]).collect();
            effective_sample_size(&correct, &groups)
        }
    };
    let count = correct.iter().filter(|correct| **correct).count();
    (!correct.is_empty()).then(|| wilson_interval(count as f64 / correct.len() as f64, n))
}

/// Returns the mean of both classes' shares. Each end of the interval combines the distances of both Wilson ends
/// (MOVER), so that a perfect share in a small class does not count as certain.
pub(super) fn balanced_accuracy(scores: &Scores) -> Option<Estimate> {
    let (p, q) = (specificity(scores)?, sensitivity(scores)?);
    let value = f64::midpoint(p.value, q.value);
    let distance = |p: f64, q: f64| 0.5 * (p * p + q * q).sqrt();
    let low = value - distance(p.value - p.low, q.value - q.low);
    let high = value + distance(p.high - p.value, q.high - q.value);
    Some(Estimate {
        value,
        low: low.max(0.0),
        high: high.min(1.0),
    })
}

/// Returns Wilson's score interval of a share `p` of `n` images.
pub(crate) fn wilson_interval(p: f64, n: f64) -> Estimate {
    const Z: f64 = NORMAL_QUANTILE;
    let scale = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / scale;
    let half_width = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (low, high) = (
        (centre - half_width).max(0.0),
        (centre + half_width).min(1.0),
    );
    // At 0 and 1 the bound equals the value; rounding must not put the value outside.
    Estimate {
        value: p,
        low: low.min(p),
        high: high.max(p),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metric;

    /// Balanced accuracy with (correct, all) images of each class.
    fn balanced_estimate(normal: (usize, usize), abnormal: (usize, usize)) -> Estimate {
        let class = |(correct, n): (usize, usize), label: u8| {
            (0..n).map(move |i| {
                let is_abnormal = (i < correct) == (label == 1);
                (if is_abnormal { 1.0 } else { -1.0 }, label)
            })
        };
        let all = class(normal, 0).chain(class(abnormal, 1));
        let (scores, labels): (Vec<f32>, Vec<u8>) = all.unzip();
        let metrics = Scores::new(&scores, &labels).unwrap().metrics();
        metrics.get(Metric::BalancedAccuracy).unwrap()
    }

    #[test]
    fn the_interval_of_two_perfect_classes_narrows_with_their_size() {
        let small = balanced_estimate((2, 2), (2, 2));
        assert_eq!((small.value, small.high), (1.0, 1.0));
        assert!(small.low < 0.6, "{small:?}");
        let large = balanced_estimate((200, 200), (200, 200));
        assert!(large.low > 0.98 && large.low < 1.0, "{large:?}");
        let wrong = balanced_estimate((0, 2), (0, 2));
        assert_eq!((wrong.value, wrong.low), (0.0, 0.0));
        assert!((wrong.high - (1.0 - small.low)).abs() < 1e-12);
        // With equal classes the interval is no narrower than that of either class.
        let half = balanced_estimate((5, 10), (5, 10));
        assert!(half.low > 0.25 && half.low < 0.4, "{half:?}");
    }

    /// Probabilities of 0 to n correct images.
    fn binomial(n: usize, rate: f64) -> Vec<f64> {
        let mut probabilities = vec![1.0];
        for _ in 0..n {
            let wrong = probabilities.iter().map(|p| p * (1.0 - rate)).chain([0.0]);
            let correct = [0.0]
                .into_iter()
                .chain(probabilities.iter().map(|p| p * rate));
            probabilities = wrong.zip(correct).map(|(w, c)| w + c).collect();
        }
        probabilities
    }

    /// Exact coverage over all outcomes. No interval of so few counts can cover 95% at every rate; this one does on
    /// average.
    #[test]
    fn intervals_cover_the_mean_of_the_rates() {
        for (n, m, least) in [
            (2, 2, 0.87),
            (3, 3, 0.83),
            (5, 40, 0.91),
            (10, 10, 0.89),
            (20, 20, 0.92),
            (100, 100, 0.93),
        ] {
            let rates = [0.5, 0.7, 0.9, 0.95, 0.99, 0.999];
            let pairs = rates.into_iter().flat_map(|p| rates.map(|q| (p, q)));
            let intervals: Vec<Vec<Estimate>> = (0..=n)
                .map(|k| (0..=m).map(|l| balanced_estimate((k, n), (l, m))).collect())
                .collect();
            let coverage = |(p, q): (f64, f64)| {
                let (first, second, truth) = (binomial(n, p), binomial(m, q), f64::midpoint(p, q));
                let covered_probability = |k: usize, l: usize| {
                    let covers = intervals[k][l].low <= truth && truth <= intervals[k][l].high;
                    f64::from(u8::from(covers)) * first[k] * second[l]
                };
                let outcomes = (0..=n).flat_map(|k| (0..=m).map(move |l| (k, l)));
                outcomes
                    .map(|(k, l)| covered_probability(k, l))
                    .sum::<f64>()
            };
            let coverages: Vec<f64> = pairs.map(coverage).collect();
            let mean = coverages.iter().sum::<f64>() / coverages.len() as f64;
            let worst = coverages.iter().copied().fold(1.0, f64::min);
            assert!(mean > 0.94, "{n} + {m} images: {mean} on average");
            assert!(worst > least, "{n} + {m} images: {worst} at worst");
        }
    }
}
