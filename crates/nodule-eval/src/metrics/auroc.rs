//! Area under the ROC curve, with its interval over test images or groups.

use std::collections::BTreeSet;

use super::groups::clustered_auroc_error;
use super::{Estimate, NORMAL_QUANTILE};
use crate::Scores;
use crate::statistics::constant::is_constant;
use crate::statistics::ranks::ranks;

/// Images of the smaller class below which DeLong's interval is not used (*ours*), since it then covers the true area
/// too rarely.
const MIN_CLASS_SIZE_DELONG: usize = 10;
/// Bisection steps that exhaust the f64 values in [0, 1].
const BISECTIONS: usize = 64;

impl Scores<'_> {
    /// Returns the area under the ROC curve: the probability that an abnormal image scores above a normal one, ties
    /// counting a half (Hanley and McNeil 1982). `None` if a class has no image.
    ///
    /// ```
    /// use nodule_eval::Scores;
    ///
    /// assert_eq!(Scores::new(&[0.1, 0.4, 0.4, 0.9], &[0, 0, 1, 1])?.auroc(), Some(0.875));
    /// assert_eq!(Scores::new(&[0.1, 0.4], &[0, 0])?.auroc(), None);
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    #[must_use]
    pub fn auroc(&self) -> Option<f64> {
        area_and_error(self).map(|found| found.area)
    }
}

/// Returns the area with DeLong's interval, or Newcombe's where that one is unreliable.
///
/// DeLong's normal interval covers too rarely where it does not fit into [0, 1], and is empty where its error is 0, as
/// for a perfect ranking. There, and with fewer than [`MIN_CLASS_SIZE_DELONG`] images of a class, Newcombe's is used.
pub(super) fn estimate(scores: &Scores) -> Option<Estimate> {
    let AreaAndError {
        area: value,
        error,
        counts: (n, m),
    } = area_and_error(scores)?;
    let delong = error
        .filter(|_| n.min(m) >= MIN_CLASS_SIZE_DELONG)
        .map(|error| Estimate {
            value,
            low: value - NORMAL_QUANTILE * error,
            high: value + NORMAL_QUANTILE * error,
        })
        .filter(|e| e.low >= 0.0 && e.high <= 1.0);
    Some(delong.unwrap_or_else(|| newcombe_interval(value, n, m)))
}

/// Returns the score-type interval of Newcombe 2006 (method 5): all areas within 1.96 of their own standard errors of
/// `value`. With a single image in a class it is [0, 1].
fn newcombe_interval(value: f64, n: usize, m: usize) -> Estimate {
    if n.min(m) < 2 {
        let (low, high) = (0.0, 1.0);
        return Estimate { value, low, high };
    }
    Estimate {
        value,
        low: newcombe_lower_bound(value, n, m),
        high: 1.0 - newcombe_lower_bound(1.0 - value, n, m),
    }
}

/// Returns the lower end of Newcombe's interval, by bisection.
fn newcombe_lower_bound(value: f64, n: usize, m: usize) -> f64 {
    let pairs = n as f64 * m as f64;
    // Hanley and McNeil's variance with the mean class size for both classes, so that it does not depend on which
    // class scores higher.
    let others = (n + m) as f64 / 2.0 - 1.0;
    let variance = |area: f64| {
        let shared = (1.0 - area) / (2.0 - area) + area / (1.0 + area);
        area * (1.0 - area) * (1.0 + others * shared) / pairs
    };
    let (mut outside, mut inside) = (0.0, value);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(outside, inside);
        if value - middle > NORMAL_QUANTILE * variance(middle).sqrt() {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    inside
}

/// An area with the inputs of its interval.
struct AreaAndError {
    area: f64,
    /// Standard error. `None` if the placements within a class do not vary: one image, or a perfect or perfectly
    /// wrong ranking.
    error: Option<f64>,
    /// Number of normal and abnormal images, or of groups that contain some.
    counts: (usize, usize),
}

/// Returns the area and its standard error (DeLong et al. 1988, with the midranks of Sun and Xu 2014; for groups,
/// Obuchowski 1997).
fn area_and_error(scores: &Scores) -> Option<AreaAndError> {
    let select_class = |class: u8| -> (Vec<f64>, Vec<usize>) {
        (0..scores.labels.len())
            .filter(|i| scores.labels[*i] == class)
            .map(|i| {
                let group = scores.groups.map_or(i, |groups| groups[i]);
                (f64::from(scores.scores[i]), group)
            })
            .unzip()
    };
    let (normal, normal_groups) = select_class(0);
    let (abnormal, abnormal_groups) = select_class(1);
    if normal.is_empty() || abnormal.is_empty() {
        return None;
    }
    let (n, m) = (normal.len() as f64, abnormal.len() as f64);
    let all = ranks(&[abnormal.as_slice(), normal.as_slice()].concat());
    let (abnormal_ranks, normal_ranks) = all.split_at(abnormal.len());
    let area = (abnormal_ranks.iter().sum::<f64>() - m * (m + 1.0) / 2.0) / (m * n);
    // DeLong's placement of an image: the share of the other class that ranks below it.
    let placements = |among_all: &[f64], own: &[f64], others: f64| -> Vec<f64> {
        let pairs = among_all.iter().zip(ranks(own));
        pairs.map(|(r, o)| (r - o) / others).collect()
    };
    let abnormal_placements = placements(abnormal_ranks, &abnormal, n);
    let normal_placements = placements(normal_ranks, &normal, m);
    if scores.groups.is_none() {
        let error = variance(&abnormal_placements)
            .zip(variance(&normal_placements))
            .map(|(a, b)| (a / m + b / n).sqrt());
        return Some(AreaAndError {
            area,
            error,
            counts: (normal.len(), abnormal.len()),
        });
    }
    // The placement of a normal image counts the pairs that are ranked wrongly, hence the sign.
    let centre = |groups: &[usize], placements: Vec<f64>, mean: f64, sign: f64| {
        let pairs = groups.iter().zip(placements);
        pairs
            .map(|(g, p)| (*g, sign * (p - mean)))
            .collect::<Vec<_>>()
    };
    let abnormal = centre(&abnormal_groups, abnormal_placements, area, 1.0);
    let normal = centre(&normal_groups, normal_placements, 1.0 - area, -1.0);
    let count_distinct = |groups: &[usize]| groups.iter().collect::<BTreeSet<_>>().len();
    Some(AreaAndError {
        area,
        error: clustered_auroc_error(&abnormal, &normal),
        counts: (
            count_distinct(&normal_groups),
            count_distinct(&abnormal_groups),
        ),
    })
}

/// Returns the sample variance, or `None` if the values are constant.
fn variance(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (!is_constant(values)).then(|| squares / (n - 1.0))
}

#[cfg(test)]
mod tests {
    use nodule_seed::stream;

    use super::*;
    use crate::Metric;

    fn interval(scores: &[f32], labels: &[u8]) -> Estimate {
        let metrics = Scores::new(scores, labels).unwrap().metrics();
        metrics.get(Metric::Auroc).unwrap()
    }

    #[test]
    fn the_interval_of_a_perfect_area_narrows_with_the_number_of_images() {
        let perfect = |n: usize| {
            let scores: Vec<f32> = (0..2 * n).map(|i| i as f32).collect();
            let labels: Vec<u8> = (0..2 * n).map(|i| u8::from(i >= n)).collect();
            let reversed: Vec<u8> = labels.iter().map(|l| 1 - l).collect();
            (interval(&scores, &labels), interval(&scores, &reversed))
        };
        let mut before = 0.0;
        for n in [2, 3, 10, 100, 10_000] {
            let (right, wrong) = perfect(n);
            assert_eq!((right.value, right.high), (1.0, 1.0));
            assert_eq!((wrong.value, wrong.low), (0.0, 0.0));
            assert!((right.low - (1.0 - wrong.high)).abs() < 1e-12);
            assert!(right.low > before && right.low < 1.0, "{n}: {right:?}");
            before = right.low;
        }
        assert!(perfect(2).0.low < 0.5);
        assert_eq!((perfect(1).0.low, perfect(1).0.high), (0.0, 1.0));
        // Tied scores carry no information: the area is a half with a wide interval.
        let tied = interval(&[0.5; 40], &[0, 1].repeat(20));
        assert_eq!(tied.value, 0.5);
        assert!(tied.low < 0.35 && tied.high > 0.65, "{tied:?}");
    }

    /// Normal scores with a known area: the interval must cover it in nearly 95% of the sets.
    #[test]
    fn intervals_cover_the_area() {
        const SETS: usize = 2000;
        let mut random = stream(5);
        // Distances of the class means at which the area is 0.5, 0.8, 0.95, 0.99 and 0.999.
        let areas = [0.5, 0.8, 0.95, 0.99, 0.999];
        let distances = [0.0, 1.190_232, 2.326_174, 3.289_953, 4.370_247];
        for n in [2, 5, 10, 30] {
            for (area, distance) in areas.into_iter().zip(distances) {
                let labels: Vec<u8> = (0..2 * n).map(|i| u8::from(i >= n)).collect();
                let covered = (0..SETS).filter(|_| {
                    let mut score = |label: &u8| random.normal() + f64::from(*label) * distance;
                    let scores: Vec<f32> = labels.iter().map(|l| score(l) as f32).collect();
                    let found = interval(&scores, &labels);
                    found.low <= area && area <= found.high
                });
                let share = covered.count() as f64 / SETS as f64;
                assert!(share > 0.91, "{n} + {n} images, area {area}: {share}");
            }
        }
    }
}
