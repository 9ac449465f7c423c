//! A study's claims: what is compared, how, and what counts as nothing.

use nodule_error::{Refused, one_of, refused};
use nodule_eval::{Metric, ReadOut};
use nodule_synth::Mode;
use serde::{Deserialize, Serialize};

/// A claim and the contrast that judges it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// Short name, such as `H1`.
    pub id: String,
    /// The claim in words.
    pub claim: String,
    /// The distribution the compared runs were trained on.
    pub train: String,
    /// How it is judged.
    pub contrast: Contrast,
    /// The smallest effect of interest, in the endpoint's unit: an interval that lies within it
    /// on both sides of zero counts against the claim.
    pub smallest_effect: f64,
}

/// How a claim is judged over the runs of one training distribution. Two-sided throughout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Contrast {
    /// The mean over seeds of `a` minus `b`, runs paired by seed.
    PairedDifference {
        /// What is compared.
        endpoint: Endpoint,
        /// The first arm.
        a: Arm,
        /// The second arm.
        b: Arm,
    },
    /// Spearman's correlation of two endpoints over all runs (losses x seeds).
    RankCorrelation {
        /// The predictor.
        x: Endpoint,
        /// The outcome.
        y: Endpoint,
        /// The read-out both are measured with.
        read_out: ReadOut,
    },
    /// The mean over seeds of Kendall's correlation, across losses, between two endpoints:
    /// 1 where the losses keep their order from one to the other.
    OrderCarries {
        /// Where the order is set.
        from: Endpoint,
        /// Where it is asked for.
        to: Endpoint,
        /// The read-out both are measured with.
        read_out: ReadOut,
    },
}

impl Contrast {
    /// Calls a test set by another name wherever an endpoint names it.
    pub(super) fn rename_test(&mut self, from: &str, to: &str) {
        let rename = |endpoint: &mut Endpoint| {
            if let Endpoint::Metric { test, .. } = endpoint
                && test == from
            {
                to.clone_into(test);
            }
        };
        match self {
            Self::PairedDifference { endpoint, .. } => rename(endpoint),
            Self::RankCorrelation { x, y, .. } => [x, y].into_iter().for_each(rename),
            Self::OrderCarries { from: a, to: b, .. } => [a, b].into_iter().for_each(rename),
        }
    }
}

/// A number that every run has, per read-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub enum Endpoint {
    /// Counterfactual effect of a mode, in spreads of the decision value.
    Effect {
        /// Shape, texture or a nuisance.
        mode: Mode,
    },
    /// Share of decisions that a mode flips.
    Flipped {
        /// Shape, texture or a nuisance.
        mode: Mode,
    },
    /// A metric on a test set.
    Metric {
        /// Which.
        metric: Metric,
        /// The test set's name as the results table spells it.
        test: String,
    },
}

/// An endpoint as a study file spells it: `{ measure = "effect", mode = "shape" }`,
/// `{ measure = "accuracy", test = "lidc" }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    measure: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test: Option<String>,
}

const EFFECT: &str = "effect";
const FLIPPED: &str = "flipped";

impl TryFrom<Spelled> for Endpoint {
    type Error = Refused;

    fn try_from(spelled: Spelled) -> Result<Self, Refused> {
        let Spelled {
            measure,
            mode,
            test,
        } = spelled;
        let needs = |field: &str, value: &str| {
            refused(
                field,
                value,
                format!("given, and nothing else, for {measure}"),
            )
        };
        let of_mode = || match (mode, &test) {
            (Some(mode), None) => Ok(mode),
            (None, _) => Err(needs("mode", "none")),
            (_, Some(test)) => Err(refused(
                "test",
                test,
                format!("left out: {measure} is of a mode"),
            )),
        };
        match measure.as_str() {
            EFFECT => Ok(Self::Effect { mode: of_mode()? }),
            FLIPPED => Ok(Self::Flipped { mode: of_mode()? }),
            name => {
                let metrics = Metric::ALL.map(Metric::name);
                let known = [EFFECT, FLIPPED].into_iter().chain(metrics);
                let metric = Metric::ALL.into_iter().find(|metric| metric.name() == name);
                let metric = metric.ok_or_else(|| {
                    refused("measure", name, one_of(known.clone())).nearest(known)
                })?;
                match (test, mode) {
                    (Some(test), None) => Ok(Self::Metric { metric, test }),
                    (None, _) => Err(needs("test", "none")),
                    (_, Some(mode)) => Err(refused(
                        "mode",
                        mode,
                        format!("left out: {name} is of a test"),
                    )),
                }
            }
        }
    }
}

impl From<Endpoint> for Spelled {
    fn from(endpoint: Endpoint) -> Self {
        let of_mode = |measure: &str, mode| Self {
            measure: measure.to_owned(),
            mode: Some(mode),
            test: None,
        };
        match endpoint {
            Endpoint::Effect { mode } => of_mode(EFFECT, mode),
            Endpoint::Flipped { mode } => of_mode(FLIPPED, mode),
            Endpoint::Metric { metric, test } => Self {
                measure: metric.name().to_owned(),
                mode: None,
                test: Some(test),
            },
        }
    }
}

impl Endpoint {
    /// What it measures and in which unit, as an axis names it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Effect { mode } => format!("{mode} reliance in spreads"),
            Self::Flipped { mode } => format!("share of decisions flipped by {mode}"),
            Self::Metric { metric, test } => format!("{} on {test}", metric.title()),
        }
    }
}

/// One side of a paired difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Loss.
    pub loss: String,
    /// Read-out.
    pub read_out: ReadOut,
}
