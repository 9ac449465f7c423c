//! Performance loss from validation to a test set, split into discrimination and threshold calibration (*ours*).

use nodule_eval::{Metric, Metrics};
use nodule_study::records::{ReadOutEvaluation, TestEvaluation};

/// Losses of one read-out from validation to one test set; negative if the test set is easier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdCost {
    /// Loss of AUROC.
    pub auroc: f64,
    /// Loss of balanced accuracy at the fitted threshold: the sum of the next two.
    pub balanced_accuracy: f64,
    /// Loss of balanced accuracy with the best threshold on each set: the part due to discrimination.
    pub by_ranking: f64,
    /// The rest: the part due to threshold calibration.
    pub by_threshold: f64,
    /// Best threshold on the test set, in SD units; the fitted threshold is 0.
    pub best_threshold: f64,
    /// Best threshold on validation images, in SD units.
    pub validation_best_threshold: f64,
}

/// Returns the loss; `None` if one of the sets has a single class.
#[must_use]
pub fn threshold_cost(
    read_out: &ReadOutEvaluation,
    test: &TestEvaluation,
) -> Option<ThresholdCost> {
    let (best_validation, best_test) = (read_out.validation_best?, test.best?);
    let loss = |metric: Metric| {
        let value = |metrics: &Metrics| metrics.value(metric);
        Some(value(&read_out.validation)? - value(&test.metrics)?)
    };
    let balanced_accuracy = loss(Metric::BalancedAccuracy)?;
    let by_ranking = best_validation.balanced_accuracy - best_test.balanced_accuracy;
    Some(ThresholdCost {
        auroc: loss(Metric::Auroc)?,
        balanced_accuracy,
        by_ranking,
        by_threshold: balanced_accuracy - by_ranking,
        best_threshold: read_out.score_sd.to_sd_units(best_test.threshold),
        validation_best_threshold: read_out.score_sd.to_sd_units(best_validation.threshold),
    })
}
