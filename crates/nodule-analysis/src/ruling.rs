//! The verdicts on a claim: supported, not supported, inconclusive, refuted.

use std::fmt;

/// A verdict on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The interval excludes 0 and the corrected p is below 0.05; the sign is the claimed one, if the claim asserts one.
    Supported,
    /// The interval lies within the bounds of the smallest effect size of interest.
    NotSupported,
    /// None of the others.
    Inconclusive,
    /// As supported, but the sign is the opposite of the claimed one.
    Refuted,
}

impl Ruling {
    /// All verdicts, in the order of tables.
    pub const ALL: [Self; 4] = [
        Self::Supported,
        Self::NotSupported,
        Self::Inconclusive,
        Self::Refuted,
    ];

    /// Returns the verdicts that a summary of `found` lists: all of them, but refuted only if it is found, since most
    /// claims assert no sign.
    pub fn list_occurring(found: impl IntoIterator<Item = Self>) -> impl Iterator<Item = Self> {
        let has_refuted = found.into_iter().any(|ruling| ruling == Self::Refuted);
        Self::ALL
            .into_iter()
            .filter(move |ruling| has_refuted || *ruling != Self::Refuted)
    }

    /// Returns the text, as tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not supported",
            Self::Inconclusive => "inconclusive",
            Self::Refuted => "refuted",
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}
