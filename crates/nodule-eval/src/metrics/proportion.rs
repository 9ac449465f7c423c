//! Shares of images that are decided as labelled.

use super::groups::effective;
use super::{Decisions, Estimate, Z};

pub(super) fn accuracy(decisions: &Decisions) -> Option<Estimate> {
    share(decisions, None)
}

pub(super) fn sensitivity(decisions: &Decisions) -> Option<Estimate> {
    share(decisions, Some(1))
}

pub(super) fn specificity(decisions: &Decisions) -> Option<Estimate> {
    share(decisions, Some(0))
}

/// Of the images of that class, or of all.
fn share(decisions: &Decisions, class: Option<u8>) -> Option<Estimate> {
    let of_class = 0..decisions.labels.len();
    let of_class = of_class.filter(|i| class.is_none_or(|class| decisions.labels[*i] == class));
    let of_class: Vec<usize> = of_class.collect();
    let is_right = |i: &usize| u8::from(decisions.scores[*i] > 0.0) == decisions.labels[*i];
    let right: Vec<bool> = of_class.iter().map(is_right).collect();
    let n = match decisions.groups {
        None => right.len() as f64,
        Some(groups) => {
            let groups: Vec<usize> = of_class.iter().map(|i| groups[*i]).collect();
            effective(&right, &groups)
        }
    };
    let found = right.iter().filter(|right| **right).count();
    (!right.is_empty()).then(|| wilson(found as f64 / right.len() as f64, n))
}

/// The ends lie as far from the mean as the ends of both intervals do together, so that a perfect
/// class is not taken for a sure one.
pub(super) fn balanced_accuracy(decisions: &Decisions) -> Option<Estimate> {
    let (p, q) = (specificity(decisions)?, sensitivity(decisions)?);
    let value = f64::midpoint(p.value, q.value);
    let reach = |p: f64, q: f64| 0.5 * (p * p + q * q).sqrt();
    let low = value - reach(p.value - p.low, q.value - q.low);
    let high = value + reach(p.high - p.value, q.high - q.value);
    Some(Estimate {
        value,
        low: low.max(0.0),
        high: high.min(1.0),
    })
}

/// Wilson's score interval of a share `p` of `n` images.
fn wilson(p: f64, n: f64) -> Estimate {
    let scale = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (low, high) = ((centre - half).max(0.0), (centre + half).min(1.0));
    // At 0 and 1 the bound is the value itself, but for rounding.
    Estimate {
        value: p,
        low: low.min(p),
        high: high.max(p),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{Metric, metrics};

    fn balanced(normal: (usize, usize), abnormal: (usize, usize)) -> Estimate {
        let class = |(right, n): (usize, usize), label: u8| {
            (0..n).map(move |i| {
                (
                    if (i < right) == (label == 1) {
                        1.0
                    } else {
                        -1.0
                    },
                    label,
                )
            })
        };
        let all = class(normal, 0).chain(class(abnormal, 1));
        let (scores, labels): (Vec<f32>, Vec<u8>) = all.unzip();
        let found = metrics(&scores, &labels).unwrap();
        found.get(Metric::BalancedAccuracy).unwrap()
    }

    #[test]
    fn two_perfect_classes_are_as_sure_as_they_are_large() {
        let small = balanced((2, 2), (2, 2));
        assert_eq!((small.value, small.high), (1.0, 1.0));
        assert!(small.low < 0.6, "{small:?}");
        let large = balanced((200, 200), (200, 200));
        assert!(large.low > 0.98 && large.low < 1.0, "{large:?}");
        let wrong = balanced((0, 2), (0, 2));
        assert_eq!((wrong.value, wrong.low), (0.0, 0.0));
        assert!((wrong.high - (1.0 - small.low)).abs() < 1e-12);
        // Between equal classes it is no surer than either of them.
        let half = balanced((5, 10), (5, 10));
        assert!(half.low > 0.25 && half.low < 0.4, "{half:?}");
    }

    /// Chances of 0 to n right answers.
    fn binomial(n: usize, rate: f64) -> Vec<f64> {
        let mut chances = vec![1.0];
        for _ in 0..n {
            let wrong = chances.iter().map(|c| c * (1.0 - rate)).chain([0.0]);
            let right = [0.0].into_iter().chain(chances.iter().map(|c| c * rate));
            chances = wrong.zip(right).map(|(w, r)| w + r).collect();
        }
        chances
    }

    /// Counted out over all outcomes, not drawn. No interval of so few whole numbers can hold the
    /// truth in 95% of sets at every rate; this one does on average.
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
            let found: Vec<Vec<Estimate>> = (0..=n)
                .map(|k| (0..=m).map(|l| balanced((k, n), (l, m))).collect())
                .collect();
            let covered = pairs.map(|(p, q)| {
                let (of_n, of_m, truth) = (binomial(n, p), binomial(m, q), f64::midpoint(p, q));
                let chance = |k: usize, l: usize| {
                    let holds = found[k][l].low <= truth && truth <= found[k][l].high;
                    f64::from(u8::from(holds)) * of_n[k] * of_m[l]
                };
                let cells = (0..=n).flat_map(|k| (0..=m).map(move |l| (k, l)));
                cells.map(|(k, l)| chance(k, l)).sum::<f64>()
            });
            let covered: Vec<f64> = covered.collect();
            let mean = covered.iter().sum::<f64>() / covered.len() as f64;
            let worst = covered.iter().copied().fold(1.0, f64::min);
            assert!(mean > 0.94, "{n} + {m} images: {mean} on average");
            assert!(worst > least, "{n} + {m} images: {worst} at worst");
        }
    }
}
