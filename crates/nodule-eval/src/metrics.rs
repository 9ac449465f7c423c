//! Metrics of one set of decisions, with 95% intervals over its images.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::auroc::components;
use crate::error::{finite, same_length};

/// The normal quantile of a two-sided 95% interval.
const Z: f64 = 1.959_963_984_540_054;

/// A number with a 95% interval over the test images: never over training seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Metrics of decisions at threshold 0. What a set cannot define (sensitivity without an abnormal
/// image) is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Images.
    pub n: usize,
    /// Share decided as labelled; Wilson interval (Wilson 1927).
    pub accuracy: Option<Estimate>,
    /// Share of the abnormal decided as abnormal; Wilson interval.
    pub sensitivity: Option<Estimate>,
    /// Share of the normal decided as normal; Wilson interval.
    pub specificity: Option<Estimate>,
    /// Mean of sensitivity and specificity; normal interval from both binomial variances.
    pub balanced_accuracy: Option<Estimate>,
    /// Area under the ROC curve; DeLong interval (DeLong et al. 1988), cut to [0, 1].
    pub auroc: Option<Estimate>,
}

/// Metrics of `scores` `[n]` (above 0: abnormal) against `labels` `[n]` (0 or 1).
///
/// # Errors
/// If there are none, the lengths differ, or a score is not finite.
pub fn metrics(scores: &[f32], labels: &[u8]) -> Result<Metrics, Error> {
    finite("scores", scores)?;
    same_length("labels", labels.len(), scores.len())?;
    let count = |class: u8| {
        let of_class = scores.iter().zip(labels).filter(|(_, l)| **l == class);
        of_class.fold((0usize, 0usize), |(right, n), (score, _)| {
            (right + usize::from(u8::from(*score > 0.0) == class), n + 1)
        })
    };
    let ((right_normal, normal), (right_abnormal, abnormal)) = (count(0), count(1));
    Ok(Metrics {
        n: scores.len(),
        accuracy: proportion(right_normal + right_abnormal, scores.len()),
        sensitivity: proportion(right_abnormal, abnormal),
        specificity: proportion(right_normal, normal),
        balanced_accuracy: balanced((right_normal, normal), (right_abnormal, abnormal)),
        auroc: components(scores, labels).map(|(area, error)| {
            // A class of one image has no variance to speak of: anything is possible.
            error.map_or(
                Estimate {
                    value: area,
                    low: 0.0,
                    high: 1.0,
                },
                |e| normal_interval(area, e),
            )
        }),
    })
}

/// Wilson's score interval.
fn proportion(right: usize, n: usize) -> Option<Estimate> {
    if n == 0 {
        return None;
    }
    let (p, n) = (right as f64 / n as f64, n as f64);
    let scale = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (low, high) = ((centre - half).max(0.0), (centre + half).min(1.0));
    // At 0 and 1 the bound is the value itself, but for rounding.
    Some(Estimate {
        value: p,
        low: low.min(p),
        high: high.max(p),
    })
}

fn balanced(normal: (usize, usize), abnormal: (usize, usize)) -> Option<Estimate> {
    if normal.1 == 0 || abnormal.1 == 0 {
        return None;
    }
    let rate = |(right, n): (usize, usize)| (right as f64 / n as f64, n as f64);
    let ((p, n), (q, m)) = (rate(normal), rate(abnormal));
    let error = 0.5 * (p * (1.0 - p) / n + q * (1.0 - q) / m).sqrt();
    Some(normal_interval(f64::midpoint(p, q), error))
}

fn normal_interval(value: f64, error: f64) -> Estimate {
    let (low, high) = ((value - Z * error).max(0.0), (value + Z * error).min(1.0));
    Estimate { value, low, high }
}
