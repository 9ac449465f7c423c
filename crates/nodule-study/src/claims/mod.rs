//! Claims of a study: what they compare, whether the planned runs can judge them, and the evidence of finished runs.
//!
//! A claim has a kind (`kinds/`, one file each) and compares endpoints (`endpoints/`, one file each). The verdicts
//! that follow from the evidence are made in `nodule-analysis`.

mod check;
mod correlation;
mod endpoints;
mod evidence;
mod feasibility;
mod kinds;
mod scope;

use serde::{Deserialize, Serialize};

pub use check::check_claims;
pub use correlation::clustered_spearman;
pub use endpoints::*;
pub use evidence::{ClaimRuns, Evidence, RESAMPLES, mean_evidence};
pub use feasibility::{MIN_SEEDS, feasibility_warnings};
pub use kinds::*;
pub use scope::{ClaimScope, ComparedLoss, ScoredTest};

/// A claim and the contrast that judges it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// Short name, such as `H1`.
    pub id: String,
    /// The claim as a sentence.
    pub claim: String,
    /// The distribution on which the compared runs were trained.
    pub train: String,
    /// How the claim is judged.
    pub contrast: Contrast,
    /// The smallest effect size of interest (SESOI), in the unit of the effect. An interval between minus and plus
    /// this value counts against the claim.
    pub smallest_effect: f64,
    /// The sign that the claim asserts, if it asserts one: a significant effect of the other sign refutes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

/// Sign of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Above 0.
    Positive,
    /// Below 0.
    Negative,
}

impl Hypothesis {
    /// Returns the sign that the claim asserts: its own, or that of its kind.
    #[must_use]
    pub fn claimed_direction(&self) -> Option<Direction> {
        self.direction.or(self.contrast.kind().direction())
    }
}
