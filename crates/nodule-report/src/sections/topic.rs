//! The questions of a reader, in the order in which the report answers them.

use nodule_study::settings::{Contrast, Endpoint};

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// The claims, and on what.
    Asked,
    /// Counterfactual reliance.
    Reliance,
    /// Accuracy on other distributions.
    Elsewhere,
    /// Linear decodability and the picture of the embedding.
    Embedding,
    /// Attribution against reliance.
    Maps,
    /// Seeds, choices, time.
    Depends,
    /// Controls, equal difficulty, failures, deviations.
    Trust,
    /// Versions, settings, files.
    Repeat,
}

/// What there is to say of a question, whatever the runs are.
struct Spelled {
    id: &'static str,
    title: &'static str,
    means: &'static str,
    means_not: &'static str,
}

impl Topic {
    /// All of them, in the order of the page.
    pub(crate) const ALL: [Self; 8] = [
        Self::Asked,
        Self::Reliance,
        Self::Elsewhere,
        Self::Embedding,
        Self::Maps,
        Self::Depends,
        Self::Trust,
        Self::Repeat,
    ];

    /// Its anchor on the page.
    pub(crate) fn id(self) -> &'static str {
        self.spelled().id
    }

    /// The question.
    pub(crate) fn title(self) -> &'static str {
        self.spelled().title
    }

    /// What an answer to it means.
    pub(crate) fn means(self) -> &'static str {
        self.spelled().means
    }

    /// What it does not mean.
    pub(crate) fn means_not(self) -> &'static str {
        self.spelled().means_not
    }

    /// The question that a claim is about.
    pub(crate) fn of(contrast: &Contrast) -> Self {
        match contrast {
            Contrast::PairedDifference {
                endpoint: Endpoint::Effect { .. } | Endpoint::Flipped { .. },
                ..
            } => Self::Reliance,
            _ => Self::Elsewhere,
        }
    }

    fn spelled(self) -> Spelled {
        match self {
            Self::Asked => Spelled {
                id: "asked",
                title: "What was asked, and how?",
                means: "Shape and texture of each nodule are set by the generator, so what a network decides by can be tested by changing one and leaving the rest.",
                means_not: "The nodules are synthetic: what holds for them holds for scans only as far as the generator resembles those.",
            },
            Self::Reliance => Spelled {
                id: "reliance",
                title: "What does each loss rely on?",
                means: "How far the decision moves when only shape, or only texture, goes from low to high, everything else of the nodule being the same; in standard deviations of the decision in distribution (spreads).",
                means_not: "It does not say which pixels are looked at, nor that relying on one of the two is better.",
            },
            Self::Elsewhere => Spelled {
                id: "elsewhere",
                title: "What does that cost elsewhere?",
                means: "How often the same networks are right where shape and texture no longer go together as they did in training, and inside real outlines.",
                means_not: "Interiors of real outlines are synthetic too: accuracy there is no accuracy on patients. A difference over all runs may be one between losses.",
            },
            Self::Embedding => Spelled {
                id: "embedding",
                title: "What does the embedding keep and forget?",
                means: "What a linear map can read from a layer is there, whether the decision uses it or not; the untrained network shows what is there without learning.",
                means_not: "What cannot be read linearly may be there all the same, and what can be read need not be used.",
            },
            Self::Maps => Spelled {
                id: "maps",
                title: "Do maps tell the truth?",
                means: "Whether networks that rely more on shape have maps that look more at the contour; that reliance is known without maps.",
                means_not: "A method that ranks networks rightly need not be right about a single image.",
            },
            Self::Depends => Spelled {
                id: "depends",
                title: "What does it depend on?",
                means: "How many seeds a difference needs, and how verdicts and numbers change with our choices, with what is drawn anew, and with time in training.",
                means_not: "Numbers of seeds come from standard deviations over few seeds and are rough; choices that the study does not vary are not covered.",
            },
            Self::Trust => Spelled {
                id: "trust",
                title: "Can I trust this run?",
                means: "Whether networks learned what they were trained on, equally well under every loss, and whether controls that can learn nothing stay at chance.",
                means_not: "It checks the runs, not the design: see the limits under each question.",
            },
            Self::Repeat => Spelled {
                id: "repeat",
                title: "How do I repeat it?",
                means: "On a CPU the same settings, version and kernels give the same bits, whatever threads, jobs or interruptions.",
                means_not: "Another device or version gives other bits, and other seeds other numbers.",
            },
        }
    }
}
