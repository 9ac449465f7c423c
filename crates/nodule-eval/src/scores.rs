//! Decision scores of labelled images, checked once.

use nodule_error::conflict;

use crate::check::{check_binary, check_finite_non_empty, check_length};
use crate::{Error, Metric, Metrics};

/// Decision scores of at least one image, with their labels: larger is more abnormal, above 0 is classified as
/// abnormal.
///
/// ```
/// use nodule_eval::{Metric, Scores};
///
/// let scores = Scores::new(&[-1.5, 0.2, -0.3, 2.0], &[0, 0, 0, 1])?;
/// assert_eq!(scores.metrics().value(Metric::Accuracy), Some(0.75));
/// assert_eq!(scores.auroc(), Some(1.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores<'a> {
    pub(crate) scores: &'a [f32],
    pub(crate) labels: &'a [u8],
    pub(crate) groups: Option<&'a [usize]>,
}

impl<'a> Scores<'a> {
    /// Returns the checked pair of `scores` `[n]` and `labels` `[n]` (0 normal, 1 abnormal).
    ///
    /// # Errors
    /// If there are no scores, the lengths differ, a score is not finite, or a label is neither 0 nor 1.
    pub fn new(scores: &'a [f32], labels: &'a [u8]) -> Result<Self, Error> {
        check_finite_non_empty("scores", scores)?;
        check_length("labels", labels.len(), scores.len())?;
        check_binary("labels", labels)?;
        Ok(Self {
            scores,
            labels,
            groups: None,
        })
    }

    /// Returns the scores with a group number for each image, such as its patient: `groups` `[n]`.
    ///
    /// Groups leave the values of [`metrics`](Self::metrics) as they are; intervals are then over groups, since
    /// images of one group are not independent.
    ///
    /// # Errors
    /// If the lengths differ, or all images are in one group.
    ///
    /// ```
    /// use nodule_eval::Scores;
    ///
    /// let scores = Scores::new(&[-1.0, -0.5, 0.5, 1.0], &[0, 0, 1, 1])?;
    /// assert!(scores.with_groups(&[7, 7, 8, 8]).is_ok());
    /// assert!(scores.with_groups(&[7, 7, 7, 7]).is_err());
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    pub fn with_groups(self, groups: &'a [usize]) -> Result<Self, Error> {
        check_length("groups", groups.len(), self.scores.len())?;
        if groups.iter().all(|group| Some(group) == groups.first()) {
            let reason = "all images are in one group; an interval needs at least two groups";
            return Err(conflict("groups", reason).into());
        }
        let groups = Some(groups);
        Ok(Self { groups, ..self })
    }

    /// Returns every metric with its 95% interval over the images, or over the groups if there are any.
    ///
    /// ```
    /// use nodule_eval::{Metric, Scores};
    ///
    /// let metrics = Scores::new(&[-1.0, 0.5, 2.0], &[0, 0, 0])?.metrics();
    /// assert_eq!(metrics.value(Metric::Sensitivity), None); // no abnormal image
    /// let specificity = metrics.get(Metric::Specificity).unwrap();
    /// assert!(specificity.low < 1.0 / 3.0 && 1.0 / 3.0 < specificity.high);
    /// # Ok::<(), nodule_eval::Error>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics::new(self.scores.len(), |metric: Metric| metric.estimate(self))
    }
}
