//! What the runs say of a claim, in one word: spelled and coloured the same in text, on the page and in
//! figures.

use std::fmt;

/// What the runs say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The effect is there.
    Supported,
    /// An effect as large as the smallest one of interest is ruled out.
    NotSupported,
    /// Neither.
    Inconclusive,
}

impl Ruling {
    /// All of them, from yes by way of no to neither.
    pub const ALL: [Self; 3] = [Self::Supported, Self::NotSupported, Self::Inconclusive];

    /// As tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.spelled().text
    }

    /// Its class on the page.
    pub fn class(self) -> &'static str {
        self.spelled().class
    }

    /// As CSS and SVG write it; told apart by the colour-blind too (Okabe and Ito 2008).
    pub fn colour(self) -> &'static str {
        self.spelled().colour
    }

    fn spelled(self) -> Spelled {
        let [text, class, colour] = match self {
            Self::Supported => ["supported", "supported", "#009e73"],
            Self::NotSupported => ["not supported", "not-supported", "#d55e00"],
            Self::Inconclusive => ["inconclusive", "inconclusive", "#777777"],
        };
        Spelled {
            text,
            class,
            colour,
        }
    }
}

/// All that there is to say of a ruling.
struct Spelled {
    text: &'static str,
    class: &'static str,
    colour: &'static str,
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}
