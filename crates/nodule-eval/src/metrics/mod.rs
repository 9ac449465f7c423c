//! Metrics of a set of decision scores, with 95% intervals over its images or groups.

mod auroc;
mod cross_validated;
mod groups;
mod metric;
mod proportion;

use serde::{Deserialize, Serialize};

pub use cross_validated::{CrossValidatedMetric, HeldOutPredictions, cross_validated};
pub use metric::Metric;
pub(crate) use proportion::wilson_interval;

/// The normal quantile of a two-sided 95% interval.
const NORMAL_QUANTILE: f64 = 1.959_963_984_540_054;

/// A metric with its 95% interval over test images or groups (never over training seeds).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Value of the metric.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// All metrics of one set. A metric that the set does not define, such as sensitivity without abnormal images, is
/// `None` (null in a file).
///
/// On reading, a missing metric is `None` and an unknown key is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Number of images.
    pub n: usize,
    accuracy: Option<Estimate>,
    sensitivity: Option<Estimate>,
    specificity: Option<Estimate>,
    balanced_accuracy: Option<Estimate>,
    auroc: Option<Estimate>,
}

impl Metrics {
    /// Returns the metrics of `n` images from a function that gives each one's estimate.
    ///
    /// [`Scores::metrics`](crate::Scores::metrics) computes them from scores.
    #[must_use]
    pub fn new(n: usize, mut estimate: impl FnMut(Metric) -> Option<Estimate>) -> Self {
        Self {
            n,
            accuracy: estimate(Metric::Accuracy),
            sensitivity: estimate(Metric::Sensitivity),
            specificity: estimate(Metric::Specificity),
            balanced_accuracy: estimate(Metric::BalancedAccuracy),
            auroc: estimate(Metric::Auroc),
        }
    }

    /// Returns the metric with its interval; `None` if the set does not define it.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<Estimate> {
        match metric {
            Metric::Accuracy => self.accuracy,
            Metric::Sensitivity => self.sensitivity,
            Metric::Specificity => self.specificity,
            Metric::BalancedAccuracy => self.balanced_accuracy,
            Metric::Auroc => self.auroc,
        }
    }

    /// Returns the value of the metric without its interval.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<f64> {
        self.get(metric).map(|estimate| estimate.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_keep_their_json_format_and_read_back() {
        let (value, low, high) = (0.5, 0.25, 0.75);
        let half = Estimate { value, low, high };
        let metrics = Metrics::new(4, |m| (m != Metric::Auroc).then_some(half));
        let text = serde_json::to_string(&metrics).unwrap();
        let estimate = r#"{"value":0.5,"low":0.25,"high":0.75}"#;
        let expected = format!(
            r#"{{"n":4,"accuracy":{estimate},"sensitivity":{estimate},"specificity":{estimate},"balanced_accuracy":{estimate},"auroc":null}}"#
        );
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), metrics);
        assert_eq!(metrics.get(Metric::Auroc), None);
        assert_eq!(metrics.value(Metric::Accuracy), Some(0.5));
    }

    #[test]
    fn a_missing_metric_is_none_and_an_unknown_key_is_an_error() {
        let read = serde_json::from_str::<Metrics>;
        let metrics = read(r#"{"n": 2}"#).unwrap();
        assert!(Metric::ALL.into_iter().all(|m| metrics.get(m).is_none()));
        for text in [
            r#"{"n": 2, "f1": null}"#,
            r#"{"accuracy": null}"#,
            r#"{"n": 2, "n": 2}"#,
            r#"{"n": 2, "auroc": null, "auroc": null}"#,
            "[2]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let message = read(r#"{"n": 2, "f1": null}"#).unwrap_err().to_string();
        assert!(message.contains("f1"), "{message}");
        assert!(message.contains("auroc"), "{message}");
    }
}
