//! The metrics by name.

use nodule_error::{invalid_value, one_of};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantNames};

use super::{Estimate, auroc, proportion};
use crate::{Error, Scores};

/// A quality measure of classifications at threshold 0, or of the ranking of scores. All are shares from 0 to 1, and
/// higher is better. Displayed, parsed and serialised as its [`name`](Self::name).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(Display, EnumCount, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", parse_err_ty = Error, parse_err_fn = unknown_metric)]
#[non_exhaustive]
pub enum Metric {
    /// Share of the images that are classified correctly; Wilson's interval (Wilson 1927).
    Accuracy,
    /// Share of the abnormal images that are classified as abnormal; Wilson's interval (Wilson 1927).
    Sensitivity,
    /// Share of the normal images that are classified as normal; Wilson's interval (Wilson 1927).
    Specificity,
    /// Mean of sensitivity and specificity. Interval from both Wilson intervals (MOVER: Newcombe 1998, method 10; Zou
    /// and Donner 2008).
    BalancedAccuracy,
    /// Area under the ROC curve: share of pairs of an abnormal and a normal image in which the abnormal one scores
    /// higher, ties counting a half (Hanley and McNeil 1982).
    ///
    /// DeLong's interval (DeLong et al. 1988), or the score-type interval of Newcombe 2006 (method 5) if a class has
    /// fewer than 10 images or DeLong's interval exceeds [0, 1]; all of [0, 1] if a class has one image.
    Auroc,
}

fn unknown_metric(name: &str) -> Error {
    invalid_value("metric", name, one_of(Metric::VARIANTS))
        .suggest_value(Metric::VARIANTS)
        .into()
}

impl Metric {
    /// All metrics, in the order of the tables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Accuracy,
        Self::Sensitivity,
        Self::Specificity,
        Self::BalancedAccuracy,
        Self::Auroc,
    ];

    /// The name in tables and files, such as `balanced_accuracy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The name in running text, such as `balanced accuracy` or `AUROC`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::BalancedAccuracy => "balanced accuracy",
            Self::Auroc => "AUROC",
            _ => self.name(),
        }
    }

    /// Returns `value` with three decimals.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        format!("{value:.3}")
    }

    /// Returns the metric of `scores` with its interval; `None` if a class that it needs has no image.
    pub(crate) fn estimate(self, scores: &Scores) -> Option<Estimate> {
        match self {
            Self::Accuracy => proportion::accuracy(scores),
            Self::Sensitivity => proportion::sensitivity(scores),
            Self::Specificity => proportion::specificity(scores),
            Self::BalancedAccuracy => proportion::balanced_accuracy(scores),
            Self::Auroc => auroc::estimate(scores),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_one_spelling() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
            let quoted = format!("\"{metric}\"");
            assert_eq!(serde_json::to_string(&metric).unwrap(), quoted);
        }
        assert_eq!(Metric::Auroc.title(), "AUROC");
        assert_eq!(Metric::Accuracy.format(0.1 + 0.2), "0.300");
        let message = "f1".parse::<Metric>().unwrap_err().to_string();
        assert!(message.contains("balanced_accuracy, auroc"), "{message}");
    }
}
