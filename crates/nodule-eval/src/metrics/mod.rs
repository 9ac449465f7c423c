//! Metrics of one set of decisions, with 95% intervals over its images.

mod auroc;
mod list;
mod proportion;
mod record;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{binary, finite, same_length};

pub use auroc::auroc;
pub use list::Metric;
pub use record::Metrics;

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

/// Every metric of `scores` `[n]` (above 0: abnormal) against `labels` `[n]` (0 normal, 1 abnormal).
/// What a set cannot define (sensitivity without an abnormal image) is none.
///
/// # Errors
/// If there are none, the lengths differ, a score is not finite or a label neither 0 nor 1.
pub fn metrics(scores: &[f32], labels: &[u8]) -> Result<Metrics, Error> {
    let decisions = decisions(scores, labels)?;
    Ok(Metrics::new(scores.len(), |metric| metric.of(&decisions)))
}

/// Checked decisions, and how many of each class are right: what a metric is computed from.
struct Decisions<'a> {
    scores: &'a [f32],
    labels: &'a [u8],
    normal: Count,
    abnormal: Count,
}

/// Images of a class.
#[derive(Clone, Copy)]
struct Count {
    /// Decided as labelled.
    right: usize,
    /// In all.
    n: usize,
}

fn decisions<'a>(scores: &'a [f32], labels: &'a [u8]) -> Result<Decisions<'a>, Error> {
    finite("scores", scores)?;
    same_length("labels", labels.len(), scores.len())?;
    binary("labels", labels)?;
    let count = |class: u8| {
        let of_class = scores.iter().zip(labels).filter(|(_, l)| **l == class);
        of_class.fold(Count { right: 0, n: 0 }, |count, (score, _)| Count {
            right: count.right + usize::from(u8::from(*score > 0.0) == class),
            n: count.n + 1,
        })
    };
    Ok(Decisions {
        scores,
        labels,
        normal: count(0),
        abnormal: count(1),
    })
}
