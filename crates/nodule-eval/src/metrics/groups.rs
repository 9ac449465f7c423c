//! Images that belong together count for less than as many that do not: by how much, for a share and for an
//! area.

use std::collections::BTreeMap;

/// By how many independent images a share of `right` among images of these groups is as well known
/// (the design effect of Rao and Scott 1992): as many as there are groups where each image of a group tells
/// the same, all of them where groups do not matter. Never more than the images, and as many as the groups
/// where the share is 0 or 1, when nothing shows how much groups matter (*ours*).
pub(super) fn effective(right: &[bool], groups: &[usize]) -> f64 {
    let mut sums = BTreeMap::<usize, (f64, f64)>::new();
    for (right, group) in right.iter().zip(groups) {
        let sum = sums.entry(*group).or_default();
        sum.0 += f64::from(u8::from(*right));
        sum.1 += 1.0;
    }
    let (n, of_groups) = (right.len() as f64, sums.len() as f64);
    let p = right.iter().filter(|right| **right).count() as f64 / n;
    let squares: f64 = sums.values().map(|(x, n)| (x - p * n).powi(2)).sum();
    let binomial = p * (1.0 - p) / n;
    let variance = of_groups / (of_groups - 1.0) * squares / (n * n);
    if of_groups < 2.0 || binomial == 0.0 {
        return of_groups;
    }
    let found = n * binomial / variance;
    match found.is_finite() {
        true => found.clamp(1.0, n),
        false => n,
    }
}

/// An image's share of an area, less the area itself, with its group.
pub(super) type Shares = [(usize, f64)];

/// The standard error of an area over groups (Obuchowski 1997), from the shares of abnormal and of normal
/// images; none where they do not vary, or either class is in one group alone.
pub(super) fn error_of_area(abnormal: &Shares, normal: &Shares) -> Option<f64> {
    let sums = |shares: &Shares| {
        let mut sums = BTreeMap::<usize, f64>::new();
        for (group, share) in shares {
            *sums.entry(*group).or_default() += share;
        }
        sums
    };
    let (x, y) = (sums(abnormal), sums(normal));
    let all: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
    let (of_x, of_y, of_all) = (x.len() as f64, y.len() as f64, all.len() as f64);
    if x.len() < 2 || y.len() < 2 {
        return None;
    }
    let (m, n) = (abnormal.len() as f64, normal.len() as f64);
    let squares = |sums: &BTreeMap<usize, f64>| sums.values().map(|v| v * v).sum::<f64>();
    let products = x.iter().filter_map(|(group, v)| Some(v * y.get(group)?));
    let variance = of_x / ((of_x - 1.0) * m * m) * squares(&x)
        + of_y / ((of_y - 1.0) * n * n) * squares(&y)
        + 2.0 * of_all / ((of_all - 1.0) * m * n) * products.sum::<f64>();
    (variance > 1e-30).then(|| variance.sqrt())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use nodule_seed::stream;

    use super::*;
    use crate::{Metric, metrics, metrics_of_groups};

    #[test]
    fn images_of_groups_that_agree_count_once() {
        let right = [true, true, true, false, false, false, true, true, true];
        let groups = [0, 0, 0, 1, 1, 1, 2, 2, 2];
        assert!((effective(&right, &groups) - 2.0).abs() < 1e-12);
        assert_eq!(effective(&[true; 9], &groups), 3.0);
        // Groups that all hold the same share tell nothing apart: no more than the images.
        assert_eq!(effective(&[true, false, true, false], &[0, 0, 1, 1]), 4.0);
        let alone: Vec<usize> = (0..9).collect();
        assert!((effective(&right, &alone) - 8.0).abs() < 1e-12);
    }

    #[test]
    fn the_same_values_with_wider_intervals_where_groups_agree() {
        let mut random = stream(3);
        let (mut scores, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for group in 0..40 {
            let own = random.normal();
            for image in 0..10 {
                labels.push(u8::from(group % 2 == 0));
                let shift = f64::from(u8::from(group % 2 == 0));
                scores.push((own + 0.3 * random.normal() + shift - 0.5) as f32);
                groups.push(group);
                let _ = image;
            }
        }
        let alone = metrics(&scores, &labels).unwrap();
        let grouped = metrics_of_groups(&scores, &labels, &groups).unwrap();
        for metric in Metric::ALL {
            let (a, b) = (alone.get(metric).unwrap(), grouped.get(metric).unwrap());
            assert_eq!(a.value, b.value);
            assert!(
                b.high - b.low > 1.8 * (a.high - a.low),
                "{metric}: {a:?} {b:?}"
            );
        }
        let apart: Vec<usize> = (0..scores.len()).collect();
        let single = metrics_of_groups(&scores, &labels, &apart).unwrap();
        for metric in Metric::ALL {
            let (a, b) = (alone.get(metric).unwrap(), single.get(metric).unwrap());
            assert!((a.low - b.low).abs() < 2e-3 && (a.high - b.high).abs() < 2e-3);
        }
    }

    /// Patients with five images each that share most of their score: intervals over images hold the true
    /// area and accuracy far too rarely, those over patients nearly as often as they say.
    #[test]
    fn intervals_over_groups_cover() {
        const SETS: usize = 600;
        let mut random = stream(11);
        // The normal distance of 1.190232 is an area of 0.8, and an accuracy of 0.7241 halfway.
        let (distance, area, accuracy) = (1.190_232, 0.8, 0.724_1);
        let mut held = [0.0; 4];
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
            let over_images = metrics(&scores, &labels).unwrap();
            let over_groups = metrics_of_groups(&scores, &labels, &groups).unwrap();
            let holds = |found: &crate::Metrics, metric, truth: f64| {
                let e = found.get(metric).unwrap();
                f64::from(u8::from(e.low <= truth && truth <= e.high)) / SETS as f64
            };
            held[0] += holds(&over_images, Metric::Auroc, area);
            held[1] += holds(&over_groups, Metric::Auroc, area);
            held[2] += holds(&over_images, Metric::Accuracy, accuracy);
            held[3] += holds(&over_groups, Metric::Accuracy, accuracy);
        }
        assert!(held[0] < 0.8 && held[2] < 0.8, "{held:?}");
        assert!(held[1] > 0.91 && held[3] > 0.91, "{held:?}");
    }
}
