//! The three verdicts on a claim: supported, not supported, inconclusive.

use std::fmt;

/// A verdict on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The interval excludes 0 and the corrected p is below 0.05.
    Supported,
    /// The interval lies within the bounds of the smallest effect size of interest.
    NotSupported,
    /// Neither.
    Inconclusive,
}

impl Ruling {
    /// All verdicts, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Supported, Self::NotSupported, Self::Inconclusive];

    /// Returns the text, as tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not supported",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}
