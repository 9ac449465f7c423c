//! Area under the ROC curve, and its interval over test images.

use std::collections::BTreeSet;

use super::groups::error_of_area;
use super::{Decisions, Estimate, Z};
use crate::Error;
use crate::error::{binary, finite, same_length};
use crate::statistics::ranks::ranks;
use crate::statistics::rounding::constant;

/// Images of the smaller class below which DeLong's error is not trusted (*ours*): with fewer its
/// interval holds the true area too rarely.
const FEW: usize = 10;
/// Halvings of [0, 1] until there is no f64 in between.
const BISECTIONS: usize = 64;

/// Probability that an abnormal image scores above a normal one, ties counting a half (Hanley and
/// McNeil 1982), of `scores` `[n]` against `labels` `[n]` (0 or 1). None where a class is missing.
///
/// # Errors
/// If there are no scores, the lengths differ, a score is not finite or a label neither 0 nor 1.
pub fn auroc(scores: &[f32], labels: &[u8]) -> Result<Option<f64>, Error> {
    finite("scores", scores)?;
    same_length("labels", labels.len(), scores.len())?;
    binary("labels", labels)?;
    let decisions = Decisions {
        scores,
        labels,
        groups: None,
    };
    Ok(components(&decisions).map(|found| found.area))
}

/// The normal interval of DeLong's error covers too rarely where it does not fit into [0, 1], and
/// nothing at all where an error is 0, as that of a perfect area always is: there, and with fewer
/// than [`FEW`] images of a class, the interval is Newcombe's.
pub(super) fn estimate(decisions: &Decisions) -> Option<Estimate> {
    let Components {
        area: value,
        error,
        units: (n, m),
    } = components(decisions)?;
    let delong = error.filter(|_| n.min(m) >= FEW).map(|error| Estimate {
        value,
        low: value - Z * error,
        high: value + Z * error,
    });
    let inside = delong.filter(|e| e.low >= 0.0 && e.high <= 1.0);
    Some(inside.unwrap_or_else(|| newcombe(value, n, m)))
}

/// All areas whose own standard error reaches the one that was found (Newcombe 2006, method 5). A
/// class of a single image may be any one of its kind: anything is possible.
fn newcombe(value: f64, n: usize, m: usize) -> Estimate {
    if n.min(m) < 2 {
        let (low, high) = (0.0, 1.0);
        return Estimate { value, low, high };
    }
    Estimate {
        value,
        low: lowest(value, n, m),
        high: 1.0 - lowest(1.0 - value, n, m),
    }
}

/// The lower end, by bisection: below it areas are too far from `value`, above it they are not.
fn lowest(value: f64, n: usize, m: usize) -> f64 {
    let pairs = n as f64 * m as f64;
    // Hanley and McNeil's variance, with the mean class size for both so that it has one form
    // whichever class scores higher.
    let others = (n + m) as f64 / 2.0 - 1.0;
    let variance = |area: f64| {
        let shared = (1.0 - area) / (2.0 - area) + area / (1.0 + area);
        area * (1.0 - area) * (1.0 + others * shared) / pairs
    };
    let (mut far, mut near) = (0.0, value);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(far, near);
        if value - middle > Z * variance(middle).sqrt() {
            far = middle;
        } else {
            near = middle;
        }
    }
    near
}

/// An area, and what its interval is made of.
struct Components {
    area: f64,
    /// None where the images of a class all have the same share of the area: one image, or a ranking that
    /// is perfect or perfectly wrong.
    error: Option<f64>,
    /// Normal and abnormal images, or groups that hold some.
    units: (usize, usize),
}

/// The area and its standard error (DeLong et al. 1988, by the midranks of Sun and Xu 2014; of groups,
/// Obuchowski 1997).
fn components(decisions: &Decisions) -> Option<Components> {
    let of = |class: u8| -> (Vec<f64>, Vec<usize>) {
        let chosen = (0..decisions.labels.len()).filter(|i| decisions.labels[*i] == class);
        let group = |i: usize| decisions.groups.map_or(i, |groups| groups[i]);
        let chosen = chosen.map(|i| (f64::from(decisions.scores[i]), group(i)));
        chosen.unzip()
    };
    let ((normal, of_normal), (abnormal, of_abnormal)) = (of(0), of(1));
    if normal.is_empty() || abnormal.is_empty() {
        return None;
    }
    let (n, m) = (normal.len() as f64, abnormal.len() as f64);
    let all = ranks(&[abnormal.as_slice(), normal.as_slice()].concat());
    let (ranks_abnormal, ranks_normal) = all.split_at(abnormal.len());
    let area = (ranks_abnormal.iter().sum::<f64>() - m * (m + 1.0) / 2.0) / (m * n);
    // Each image's own share of the area, within its class.
    let shares = |among_all: &[f64], own: &[f64], others: f64| -> Vec<f64> {
        let pairs = among_all.iter().zip(ranks(own));
        pairs.map(|(r, o)| (r - o) / others).collect()
    };
    let of_abnormal_images = shares(ranks_abnormal, &abnormal, n);
    let of_normal_images = shares(ranks_normal, &normal, m);
    if decisions.groups.is_none() {
        let error = variance(&of_abnormal_images)
            .zip(variance(&of_normal_images))
            .map(|(a, b)| (a / m + b / n).sqrt());
        return Some(Components {
            area,
            error,
            units: (normal.len(), abnormal.len()),
        });
    }
    // A normal image's share is of the pairs that it loses: it counts the other way.
    let less = |groups: &[usize], shares: Vec<f64>, mean: f64, sign: f64| -> Vec<(usize, f64)> {
        let pairs = groups.iter().zip(shares);
        pairs.map(|(g, s)| (*g, sign * (s - mean))).collect()
    };
    let abnormal = less(&of_abnormal, of_abnormal_images, area, 1.0);
    let normal = less(&of_normal, of_normal_images, 1.0 - area, -1.0);
    let distinct = |groups: &[usize]| groups.iter().collect::<BTreeSet<_>>().len();
    Some(Components {
        area,
        error: error_of_area(&abnormal, &normal),
        units: (distinct(&of_normal), distinct(&of_abnormal)),
    })
}

fn variance(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (!constant(values)).then(|| squares / (n - 1.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use nodule_seed::stream;

    use super::*;
    use crate::{Metric, metrics};

    fn interval(scores: &[f32], labels: &[u8]) -> Estimate {
        metrics(scores, labels).unwrap().get(Metric::Auroc).unwrap()
    }

    #[test]
    fn a_perfect_area_is_as_sure_as_there_are_images() {
        let perfect = |n: usize| {
            let scores: Vec<f32> = (0..2 * n).map(|i| i as f32).collect();
            let labels: Vec<u8> = (0..2 * n).map(|i| u8::from(i >= n)).collect();
            let wrong: Vec<u8> = labels.iter().map(|l| 1 - l).collect();
            (interval(&scores, &labels), interval(&scores, &wrong))
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
        // Equal scores say nothing: the area is a half, and far from sure.
        let tied = interval(&[0.5; 40], &[0, 1].repeat(20));
        assert_eq!(tied.value, 0.5);
        assert!(tied.low < 0.35 && tied.high > 0.65, "{tied:?}");
    }

    /// Normal scores, of which the area is known: the interval must hold it in nearly 95% of sets.
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
                let held = (0..SETS).filter(|_| {
                    let mut score = |label: &u8| random.normal() + f64::from(*label) * distance;
                    let scores: Vec<f32> = labels.iter().map(|l| score(l) as f32).collect();
                    let found = interval(&scores, &labels);
                    found.low <= area && area <= found.high
                });
                let share = held.count() as f64 / SETS as f64;
                assert!(share > 0.91, "{n} + {n} images, area {area}: {share}");
            }
        }
    }
}
