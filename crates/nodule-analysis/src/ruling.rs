//! The verdicts on a claim: supported, not supported, inconclusive, refuted.

use strum::{Display, EnumCount, IntoStaticStr};

/// A verdict on a claim. Displayed as its [`text`](Self::text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumCount, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Ruling {
    /// The interval excludes 0 and the corrected p is below 0.05; the sign is the claimed one, if the claim asserts one.
    Supported,
    /// The interval lies within the bounds of the smallest effect size of interest.
    #[strum(serialize = "not supported")]
    NotSupported,
    /// None of the others.
    Inconclusive,
    /// As supported, but the sign is the opposite of the claimed one.
    Refuted,
}

impl Ruling {
    /// All verdicts, in the order of tables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Supported,
        Self::NotSupported,
        Self::Inconclusive,
        Self::Refuted,
    ];

    /// Returns the verdicts that a summary of `found` lists: all of them, but refuted only if it is found, since most
    /// claims assert no sign.
    ///
    /// ```
    /// use nodule_analysis::Ruling;
    ///
    /// let listed: Vec<_> = Ruling::list_occurring([Ruling::Supported]).collect();
    /// assert_eq!(listed, [Ruling::Supported, Ruling::NotSupported, Ruling::Inconclusive]);
    /// ```
    pub fn list_occurring(found: impl IntoIterator<Item = Self>) -> impl Iterator<Item = Self> {
        let has_refuted = found.into_iter().any(|ruling| ruling == Self::Refuted);
        Self::ALL
            .into_iter()
            .filter(move |ruling| has_refuted || *ruling != Self::Refuted)
    }

    /// Returns the text, as tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.into()
    }
}
