//! Metrics of one set of decisions, with 95% intervals over its images.

mod auroc;
mod groups;
mod list;
mod proportion;
mod record;

use nodule_error::invalid_value;
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

/// The same where images belong together, those of a patient say: `groups` `[n]` numbers them. The values
/// are those of [`metrics`]; the intervals are over groups, of which there must be two or more: a hundred
/// images of ten patients are worth less than a hundred of a hundred.
///
/// # Errors
/// As [`metrics`]; and if there is one group alone.
pub fn metrics_of_groups(
    scores: &[f32],
    labels: &[u8],
    groups: &[usize],
) -> Result<Metrics, Error> {
    same_length("groups", groups.len(), scores.len())?;
    if groups.iter().all(|group| Some(group) == groups.first()) && !groups.is_empty() {
        let allowed = "at least two, or an interval cannot be made of them";
        return Err(invalid_value("groups", "one", allowed).into());
    }
    let decisions = decisions(scores, labels)?;
    let decisions = Decisions {
        groups: Some(groups),
        ..decisions
    };
    Ok(Metrics::new(scores.len(), |metric| metric.of(&decisions)))
}

/// Checked decisions: what a metric is computed from.
struct Decisions<'a> {
    scores: &'a [f32],
    labels: &'a [u8],
    groups: Option<&'a [usize]>,
}

fn decisions<'a>(scores: &'a [f32], labels: &'a [u8]) -> Result<Decisions<'a>, Error> {
    finite("scores", scores)?;
    same_length("labels", labels.len(), scores.len())?;
    binary("labels", labels)?;
    Ok(Decisions {
        scores,
        labels,
        groups: None,
    })
}
