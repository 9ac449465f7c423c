//! Table `[[trend]]`: a claim about how the difference of another claim changes with a varied setting.

use serde::{Deserialize, Serialize};

/// A claim about the slope of a difference: its change per doubling of a setting (*ours*).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Short name, such as `S1`.
    pub id: String,
    /// The claim as a sentence.
    pub claim: String,
    /// Id of the claim with the paired difference.
    pub of: String,
    /// Setting, such as `samples.train`, that `[vary]` changes to other positive numbers.
    pub over: String,
    /// Smallest slope of interest, in the unit of the endpoint per doubling.
    pub smallest_effect: f64,
}
