//! The metrics: one entry each, which is all that there is to say of one.

use std::fmt;
use std::str::FromStr;

use nodule_error::{invalid_value, one_of};
use serde::{Deserialize, Serialize};

use super::{Decisions, Estimate, auroc, proportion};
use crate::Error;

metrics! {
    Accuracy {
        name: "accuracy",
        title: "accuracy",
        unit: "share",
        higher_is_better: true,
        digits: 3,
        definition: "Share of the images that are decided as labelled; Wilson's interval (Wilson 1927).",
        of: proportion::accuracy,
    }
    Sensitivity {
        name: "sensitivity",
        title: "sensitivity",
        unit: "share",
        higher_is_better: true,
        digits: 3,
        definition: "Share of the abnormal images that are decided as abnormal; Wilson's interval (Wilson 1927).",
        of: proportion::sensitivity,
    }
    Specificity {
        name: "specificity",
        title: "specificity",
        unit: "share",
        higher_is_better: true,
        digits: 3,
        definition: "Share of the normal images that are decided as normal; Wilson's interval (Wilson 1927).",
        of: proportion::specificity,
    }
    BalancedAccuracy {
        name: "balanced_accuracy",
        title: "balanced accuracy",
        unit: "share",
        higher_is_better: true,
        digits: 3,
        definition: "Mean of sensitivity and specificity; interval from both Wilson intervals (MOVER: Newcombe 1998, method 10; Zou and Donner 2008).",
        of: proportion::balanced_accuracy,
    }
    Auroc {
        name: "auroc",
        title: "AUROC",
        unit: "share",
        higher_is_better: true,
        digits: 3,
        definition: "Area under the ROC curve: the share of pairs of an abnormal and a normal image in which the abnormal one scores higher, ties counting a half (Hanley and McNeil 1982); DeLong's interval (DeLong et al. 1988), or the score-type interval of Newcombe 2006 (method 5) where a class has fewer than 10 images or DeLong's would leave [0, 1], and all of [0, 1] where a class has one image.",
        of: auroc::estimate,
    }
}

impl Metric {
    /// As tables and files spell it: lower case, words joined by underscores.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// As people read it, without a capital unless it is an abbreviation.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// Of its values: "share" is a number from 0 to 1.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    /// What it is and what its interval is, with the source, as a sentence.
    #[must_use]
    pub fn definition(self) -> &'static str {
        self.entry().definition
    }

    /// Its direction.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        self.entry().higher_is_better
    }

    /// `value` with as many digits as the metric deserves.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        format!("{value:.*}", self.entry().digits)
    }

    pub(super) fn of(self, decisions: &Decisions) -> Option<Estimate> {
        (self.entry().of)(decisions)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(value: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|m| m.name() == value);
        found.ok_or_else(|| {
            invalid_value("metric", value, one_of(Self::ALL.map(Self::name)))
                .suggest_value(Self::ALL.map(Self::name))
                .into()
        })
    }
}

/// What there is to say of a metric.
struct Entry {
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    higher_is_better: bool,
    digits: usize,
    definition: &'static str,
    of: fn(&Decisions) -> Option<Estimate>,
}

/// The type [`Metric`] from the entries: in their order, each documented by its definition.
macro_rules! metrics {
    ($($metric:ident {
        name: $name:literal,
        title: $title:literal,
        unit: $unit:literal,
        higher_is_better: $higher_is_better:literal,
        digits: $digits:literal,
        definition: $definition:literal,
        of: $of:path,
    })+) => {
        /// A number that says how good decisions at threshold 0 are. Serialised and spelled as its
        /// [`name`](Metric::name).
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[non_exhaustive]
        pub enum Metric {
            $(
                #[doc = $definition]
                #[serde(rename = $name)]
                $metric,
            )+
        }

        impl Metric {
            /// All of them, in the order of the tables.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$metric),+];

            fn entry(self) -> Entry {
                match self {
                    $(Self::$metric => Entry {
                        name: $name,
                        title: $title,
                        unit: $unit,
                        higher_is_better: $higher_is_better,
                        digits: $digits,
                        definition: $definition,
                        of: $of,
                    },)+
                }
            }
        }

        /// The keys of [`Metrics`](super::Metrics) in a file, in their order.
        pub(super) const KEYS: &[&str] = &["n", $($name),+];
    };
}
use metrics;
