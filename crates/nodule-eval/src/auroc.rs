//! Area under the ROC curve, and its standard error over test images.

use crate::statistics::midranks;

/// Probability that an abnormal image scores above a normal one, ties counting a half (Hanley and
/// McNeil 1982). None where a class is missing or the lengths differ.
#[must_use]
pub fn auroc(scores: &[f32], labels: &[u8]) -> Option<f64> {
    components(scores, labels).map(|(area, _)| area)
}

/// The area and its standard error (DeLong et al. 1988, by the midranks of Sun and Xu 2014). The
/// error is none where a class has a single image.
pub(crate) fn components(scores: &[f32], labels: &[u8]) -> Option<(f64, Option<f64>)> {
    let of = |class: u8| -> Vec<f64> {
        let chosen = scores.iter().zip(labels).filter(|(_, l)| **l == class);
        chosen.map(|(s, _)| f64::from(*s)).collect()
    };
    let (normal, abnormal) = (of(0), of(1));
    if scores.len() != labels.len() || normal.is_empty() || abnormal.is_empty() {
        return None;
    }
    let (n, m) = (normal.len() as f64, abnormal.len() as f64);
    let all = midranks(&[abnormal.as_slice(), normal.as_slice()].concat());
    let (ranks_abnormal, ranks_normal) = all.split_at(abnormal.len());
    let area = (ranks_abnormal.iter().sum::<f64>() - m * (m + 1.0) / 2.0) / (m * n);
    // Each image's own share of the area, within its class.
    let shares = |ranks: &[f64], own: &[f64], others: f64| -> Vec<f64> {
        ranks
            .iter()
            .zip(midranks(own))
            .map(|(r, o)| (r - o) / others)
            .collect()
    };
    let error = variance(&shares(ranks_abnormal, &abnormal, n))
        .zip(variance(&shares(ranks_normal, &normal, m)))
        .map(|(a, b)| (a / m + b / n).sqrt());
    Some((area, error))
}

fn variance(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (values.len() > 1).then(|| squares / (n - 1.0))
}
