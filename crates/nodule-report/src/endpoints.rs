//! Endpoints that figures and tables show, beside those of the claims.

use nodule_eval::Metric;
use nodule_study::claims::{Effect, Endpoint, TestMetric};
use nodule_synth::Mode;

/// Returns the counterfactual effect of a mode of variation.
pub(crate) fn reliance_on(mode: Mode) -> Endpoint {
    Endpoint::from(Effect { mode })
}

/// Returns a metric on a test set.
pub(crate) fn metric_on(metric: Metric, test: &str) -> Endpoint {
    Endpoint::from(TestMetric {
        metric,
        test: test.to_owned(),
    })
}

/// Returns the accuracy on a test set.
pub(crate) fn accuracy_on(test: &str) -> Endpoint {
    metric_on(Metric::Accuracy, test)
}
