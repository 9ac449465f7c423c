//! A study's claims: what is compared, how, and what counts as nothing.

use nodule_eval::ReadOut;
use serde::{Deserialize, Serialize};

use super::Endpoint;

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

/// One side of a paired difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Loss.
    pub loss: String,
    /// Read-out.
    pub read_out: ReadOut,
}
