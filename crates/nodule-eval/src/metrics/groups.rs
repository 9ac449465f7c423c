//! Corrections for images that belong to groups, such as patients: effective sample size of a share, and standard
//! error of an area under the ROC curve.

use std::collections::{BTreeMap, BTreeSet};

/// Returns the effective sample size of the share of `correct` images that belong to `groups` (design effect of Rao and
/// Scott 1992): the number of independent images that would determine the share equally well.
///
/// It lies between 1 and the number of images. If the share is 0 or 1 the design effect cannot be estimated, and it is
/// the number of groups (*ours*).
pub(super) fn effective_sample_size(correct: &[bool], groups: &[usize]) -> f64 {
    let mut sums = BTreeMap::<usize, (f64, f64)>::new();
    for (correct, group) in correct.iter().zip(groups) {
        let sum = sums.entry(*group).or_default();
        sum.0 += f64::from(u8::from(*correct));
        sum.1 += 1.0;
    }
    let (n, group_count) = (correct.len() as f64, sums.len() as f64);
    let p = correct.iter().filter(|correct| **correct).count() as f64 / n;
    let squares: f64 = sums.values().map(|(x, n)| (x - p * n).powi(2)).sum();
    let binomial_variance = p * (1.0 - p) / n;
    let variance = group_count / (group_count - 1.0) * squares / (n * n);
    if group_count < 2.0 || binomial_variance == 0.0 {
        return group_count;
    }
    let size = n * binomial_variance / variance;
    match size.is_finite() {
        true => size.clamp(1.0, n),
        false => n,
    }
}

/// Each image's group, and its placement minus the mean placement of its class.
pub(super) type Placements = [(usize, f64)];

/// Returns the standard error of an area with grouped images (Obuchowski 1997). `None` if the placements do not vary,
/// or a class occurs in one group only.
pub(super) fn clustered_auroc_error(abnormal: &Placements, normal: &Placements) -> Option<f64> {
    let sum_by_group = |placements: &Placements| {
        let mut sums = BTreeMap::<usize, f64>::new();
        for (group, placement) in placements {
            *sums.entry(*group).or_default() += placement;
        }
        sums
    };
    let (x, y) = (sum_by_group(abnormal), sum_by_group(normal));
    if x.len() < 2 || y.len() < 2 {
        return None;
    }
    let all: BTreeSet<_> = x.keys().chain(y.keys()).collect();
    let (x_count, y_count, all_count) = (x.len() as f64, y.len() as f64, all.len() as f64);
    let (m, n) = (abnormal.len() as f64, normal.len() as f64);
    let squares = |sums: &BTreeMap<usize, f64>| sums.values().map(|v| v * v).sum::<f64>();
    let products = x.iter().filter_map(|(group, v)| Some(v * y.get(group)?));
    let variance = x_count / ((x_count - 1.0) * m * m) * squares(&x)
        + y_count / ((y_count - 1.0) * n * n) * squares(&y)
        + 2.0 * all_count / ((all_count - 1.0) * m * n) * products.sum::<f64>();
    (variance > 1e-30).then(|| variance.sqrt())
}

#[cfg(test)]
mod tests {
    use nodule_seed::stream;

    use super::*;
    use crate::{Metric, Metrics, Scores};

    #[test]
    fn groups_with_equal_images_count_once() {
        let correct = [true, true, true, false, false, false, true, true, true];
        let groups = [0, 0, 0, 1, 1, 1, 2, 2, 2];
        assert!((effective_sample_size(&correct, &groups) - 2.0).abs() < 1e-12);
        assert_eq!(effective_sample_size(&[true; 9], &groups), 3.0);
        // If all groups have the same share, the size is at most the number of images.
        let size = effective_sample_size(&[true, false, true, false], &[0, 0, 1, 1]);
        assert_eq!(size, 4.0);
        let distinct: Vec<usize> = (0..9).collect();
        assert!((effective_sample_size(&correct, &distinct) - 8.0).abs() < 1e-12);
    }

    #[test]
    fn groups_widen_intervals_and_keep_values() {
        let mut random = stream(3);
        let (mut scores, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for group in 0..40 {
            let own = random.normal();
            for _ in 0..10 {
                labels.push(u8::from(group % 2 == 0));
                let shift = f64::from(u8::from(group % 2 == 0));
                scores.push((own + 0.3 * random.normal() + shift - 0.5) as f32);
                groups.push(group);
            }
        }
        let ungrouped = Scores::new(&scores, &labels).unwrap();
        let grouped = ungrouped.with_groups(&groups).unwrap().metrics();
        let distinct: Vec<usize> = (0..scores.len()).collect();
        let single = ungrouped.with_groups(&distinct).unwrap().metrics();
        let ungrouped = ungrouped.metrics();
        for metric in Metric::ALL {
            let [a, b, c] = [&ungrouped, &grouped, &single].map(|m| m.get(metric).unwrap());
            assert_eq!(a.value, b.value);
            let ratio = (b.high - b.low) / (a.high - a.low);
            assert!(ratio > 1.8, "{metric}: {a:?} {b:?}");
            assert!((a.low - c.low).abs() < 2e-3 && (a.high - c.high).abs() < 2e-3);
        }
    }

    /// Patients with five images each that share most of their score: intervals over images cover the true area and
    /// accuracy far too rarely, intervals over patients nearly at the nominal rate.
    #[test]
    fn intervals_over_groups_cover() {
        const SETS: usize = 600;
        let mut random = stream(11);
        // Class means 1.190232 SD apart give an area of 0.8, and an accuracy of 0.7241 at the midpoint.
        let (distance, area, accuracy) = (1.190_232, 0.8, 0.724_1);
        let mut covered = [0.0; 4];
        for _ in 0..SETS {
            let (mut scores, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new());
            for group in 0..50 {
                let label = (group % 2) as u8;
                let own = random.normal() * 0.8f64.sqrt();
                for _ in 0..5 {
                    let score = own + random.normal() * 0.2f64.sqrt();
                    scores.push((score + (f64::from(label) - 0.5) * distance) as f32);
                    labels.push(label);
                    groups.push(group);
                }
            }
            let scores = Scores::new(&scores, &labels).unwrap();
            let over_images = scores.metrics();
            let over_groups = scores.with_groups(&groups).unwrap().metrics();
            let coverage = |found: &Metrics, metric, truth: f64| {
                let e = found.get(metric).unwrap();
                f64::from(u8::from(e.low <= truth && truth <= e.high)) / SETS as f64
            };
            covered[0] += coverage(&over_images, Metric::Auroc, area);
            covered[1] += coverage(&over_groups, Metric::Auroc, area);
            covered[2] += coverage(&over_images, Metric::Accuracy, accuracy);
            covered[3] += coverage(&over_groups, Metric::Accuracy, accuracy);
        }
        assert!(covered[0] < 0.8 && covered[2] < 0.8, "{covered:?}");
        assert!(covered[1] > 0.91 && covered[3] > 0.91, "{covered:?}");
    }
}
