//! What a test set costs against in distribution, split in two: images ranked wrongly, and a ranking
//! cut in the wrong place (*ours*).

use crate::record::{ReadOutEvaluation, TestEvaluation};

/// Losses of one read-out from validation to one test set; negative where the test is easier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ThresholdLoss {
    /// AUROC.
    pub(crate) auroc: f64,
    /// Balanced accuracy at the threshold that was fitted: the sum of the next two.
    pub(crate) balanced_accuracy: f64,
    /// Balanced accuracy at each set's own best threshold: nothing but the ranking differs.
    pub(crate) by_ranking: f64,
    /// The rest: what the test's own best threshold would win back, less what it would in validation.
    pub(crate) by_threshold: f64,
    /// The test's own best threshold, in spreads; the fitted one is 0.
    pub(crate) best_threshold: f64,
    /// Validation's own best threshold, in spreads.
    pub(crate) validation_best_threshold: f64,
}

/// None where a set has one class only.
pub(crate) fn threshold_loss(
    read_out: &ReadOutEvaluation,
    test: &TestEvaluation,
) -> Option<ThresholdLoss> {
    let (before, after) = (&read_out.validation, &test.metrics);
    let (best_before, best_after) = (read_out.validation_best?, test.best?);
    let balanced_accuracy = before.balanced_accuracy?.value - after.balanced_accuracy?.value;
    let by_ranking = best_before.balanced_accuracy - best_after.balanced_accuracy;
    let unit = if read_out.spread > 0.0 {
        read_out.spread
    } else {
        1.0
    };
    Some(ThresholdLoss {
        auroc: before.auroc?.value - after.auroc?.value,
        balanced_accuracy,
        by_ranking,
        by_threshold: balanced_accuracy - by_ranking,
        best_threshold: best_after.threshold / unit,
        validation_best_threshold: best_before.threshold / unit,
    })
}
