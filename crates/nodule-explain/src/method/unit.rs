//! What the numbers of a map are.

use serde::{Deserialize, Serialize};

/// The unit of a map. Maps of different units must not share a colour scale, and only some of them
/// predict how a decision changes. Serialised in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MapUnit {
    /// Change of the decision value for each unit of a pixel's intensity.
    PerIntensity,
    /// Decision value that a pixel adds, against a black one in its place: over all pixels these add
    /// up to the decision value less that of a black image, as far as the method is complete.
    Decision,
    /// Decision value that is lost with the window around a pixel: it belongs to the whole window,
    /// so windows overlap and pixels do not add up.
    WindowDecision,
    /// No unit: only larger and smaller within one map.
    Relative,
}

impl MapUnit {
    /// For the axis of a picture.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::PerIntensity => "decision value per intensity",
            Self::Decision => "decision value",
            Self::WindowDecision => "decision value of a window",
            Self::Relative => "no unit",
        }
    }
}
