//! The metrics of one set as one record, in memory and in a file.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::list::KEYS;
use super::{Estimate, Metric};

/// Metrics of decisions at threshold 0. What a set cannot define (sensitivity without an abnormal
/// image) is none.
///
/// In a file: `n`, then each metric by its name, its estimate or null, in the order of
/// [`Metric::ALL`]. When read, a metric that is missing is none and an unknown key an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Images.
    pub n: usize,
    estimates: [Option<Estimate>; Metric::ALL.len()],
}

impl Metrics {
    /// The metrics of `n` images, whose numbers are known from elsewhere.
    #[must_use]
    pub fn new(n: usize, estimate: impl FnMut(Metric) -> Option<Estimate>) -> Self {
        let estimates = Metric::ALL.map(estimate);
        Self { n, estimates }
    }

    /// The number and its interval; none where the set cannot define it.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<Estimate> {
        self.estimates[metric as usize]
    }

    /// The number alone.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<f64> {
        self.get(metric).map(|estimate| estimate.value)
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Metrics", KEYS.len())?;
        record.serialize_field("n", &self.n)?;
        for metric in Metric::ALL {
            record.serialize_field(metric.name(), &self.get(metric))?;
        }
        record.end()
    }
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Metrics", KEYS, Record)
    }
}

struct Record;

impl<'de> Visitor<'de> for Record {
    type Value = Metrics;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the metrics of one set by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metrics, A::Error> {
        let mut n = None;
        let mut estimates = [None; Metric::ALL.len()];
        while let Some(key) = map.next_key::<String>()? {
            let again = if key == "n" {
                n.replace(map.next_value()?).is_some()
            } else {
                let metric = key.parse::<Metric>();
                let metric = metric.map_err(|_| A::Error::unknown_field(&key, KEYS))?;
                let slot: &mut Option<Option<Estimate>> = &mut estimates[metric as usize];
                slot.replace(map.next_value()?).is_some()
            };
            if again {
                return Err(A::Error::custom(format!("duplicate field `{key}`")));
            }
        }
        Ok(Metrics {
            n: n.ok_or_else(|| A::Error::missing_field("n"))?,
            estimates: estimates.map(Option::flatten),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_what_it_was_and_reads_back() {
        let half = Estimate {
            value: 0.5,
            low: 0.25,
            high: 0.75,
        };
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
    fn what_a_file_lacks_is_none_and_what_nobody_knows_is_refused() {
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
        assert!(
            message.contains("f1") && message.contains("auroc"),
            "{message}"
        );
    }

    #[test]
    fn a_metric_is_spelled_one_way_everywhere() {
        for (place, metric) in Metric::ALL.into_iter().enumerate() {
            assert_eq!(metric as usize, place);
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
            let quoted = format!("\"{metric}\"");
            assert_eq!(serde_json::to_string(&metric).unwrap(), quoted);
            assert!(metric.definition().ends_with('.'));
            assert!(metric.higher_is_better() && metric.unit() == "share");
        }
        assert_eq!(Metric::Auroc.title(), "AUROC");
        assert_eq!(Metric::Accuracy.format(0.1 + 0.2), "0.300");
        let message = "f1".parse::<Metric>().unwrap_err().to_string();
        assert!(message.contains("balanced_accuracy, auroc"), "{message}");
    }
}
