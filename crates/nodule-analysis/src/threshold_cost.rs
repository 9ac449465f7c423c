//! What a test set costs against in distribution, split in two: images ranked wrongly, and a ranking
//! cut in the wrong place (*ours*).

use nodule_eval::{Metric, Metrics};
use nodule_study::records::{ReadOutEvaluation, TestEvaluation};

/// Losses of one read-out from validation to one test set; negative where the test is easier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdCost {
    /// AUROC.
    pub auroc: f64,
    /// Balanced accuracy at the threshold that was fitted: the sum of the next two.
    pub balanced_accuracy: f64,
    /// Balanced accuracy at each set's own best threshold: nothing but the ranking differs.
    pub by_ranking: f64,
    /// The rest: what the test's own best threshold would win back, less what it would in validation.
    pub by_threshold: f64,
    /// The test's own best threshold, in spreads; the fitted one is 0.
    pub best_threshold: f64,
    /// Validation's own best threshold, in spreads.
    pub validation_best_threshold: f64,
}

/// None where a set has one class only.
pub fn threshold_cost(
    read_out: &ReadOutEvaluation,
    test: &TestEvaluation,
) -> Option<ThresholdCost> {
    let (best_before, best_after) = (read_out.validation_best?, test.best?);
    let lost = |metric: Metric| {
        let value = |metrics: &Metrics| metrics.value(metric);
        Some(value(&read_out.validation)? - value(&test.metrics)?)
    };
    let balanced_accuracy = lost(Metric::BalancedAccuracy)?;
    let by_ranking = best_before.balanced_accuracy - best_after.balanced_accuracy;
    Some(ThresholdCost {
        auroc: lost(Metric::Auroc)?,
        balanced_accuracy,
        by_ranking,
        by_threshold: balanced_accuracy - by_ranking,
        best_threshold: read_out.score_sd.to_sd_units(best_after.threshold),
        validation_best_threshold: read_out.score_sd.to_sd_units(best_before.threshold),
    })
}
