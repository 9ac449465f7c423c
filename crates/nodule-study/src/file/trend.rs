//! Table `[[trend]]`: a claim about how the difference of another claim changes with a varied setting.

use serde::{Deserialize, Serialize};

use crate::claims::Direction;

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
    /// Sign of the slope that the trend asserts, if it asserts one: a significant slope of the other sign refutes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}
