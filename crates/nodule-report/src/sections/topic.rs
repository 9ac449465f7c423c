//! The questions of a reader, in the order in which the report answers them.

use nodule_study::claims::{Aspect, Contrast};

/// What stands in the place of an answer, where nothing else is to be said.
const UNKNOWN: &str =
    "The finished runs do not say: the study does not measure it, or nothing is finished yet.";

/// What there is to say of a question, whatever the runs are.
pub(crate) struct Spelled {
    /// Its anchor on the page.
    pub(crate) id: &'static str,
    /// The question in a word or two.
    pub(crate) short: &'static str,
    /// The question.
    pub(crate) title: &'static str,
    /// What an answer to it means.
    pub(crate) means: &'static str,
    /// What it does not mean.
    pub(crate) means_not: &'static str,
    /// Who asked it before, by the names in `cite.bib`; empty where nobody is named.
    pub(crate) before: &'static str,
    /// What stands in the place of an answer.
    pub(crate) no_answer: &'static str,
}

/// The type [`Topic`] from the list: what is said of each question.
macro_rules! topics {
    ($($(#[$doc:meta])* $topic:ident { $($field:ident: $text:expr,)+ })+) => {
        /// One question.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Topic {
            $($(#[$doc])* $topic,)+
        }

        impl Topic {
            /// All of them, in the order of the page.
            pub(crate) const ALL: [Self; [$(stringify!($topic)),+].len()] = [$(Self::$topic),+];

            /// What is said of it.
            pub(crate) fn spelled(self) -> Spelled {
                match self {
                    $(Self::$topic => Spelled { $($field: $text,)+ },)+
                }
            }
        }
    };
}

topics! {
    /// The claims, and on what.
    Asked {
        id: "asked",
        short: "Asked",
        title: "What was asked, and how?",
        means: "Shape and texture of each nodule are set by the generator, so what a network decides by can be tested by changing one and leaving the rest.",
        means_not: "The nodules are synthetic: what holds for them holds for scans only as far as the generator resembles those.",
        before: "Baltatzis et al. 2021, whose claim is tested; Hermann & Lampinen 2020 train on images of known clues likewise.",
        no_answer: UNKNOWN,
    }
    /// Counterfactual reliance.
    Reliance {
        id: "reliance",
        short: "Relies on",
        title: "What does each loss rely on?",
        means: "How far the decision moves when only shape, or only texture, goes from low to high, everything else of the nodule being the same; in standard deviations of the decision in distribution (spreads).",
        means_not: "It does not say which pixels are looked at, nor that relying on one of the two is better.",
        before: "Hermann & Lampinen 2020 and Hermann et al. 2024 on which of two clues a network uses; Puli et al. 2023 on shortcuts that come of cross-entropy itself.",
        no_answer: UNKNOWN,
    }
    /// Accuracy on other distributions.
    Elsewhere {
        id: "elsewhere",
        short: "Elsewhere",
        title: "What does that cost elsewhere?",
        means: "How often the same networks are right where shape and texture no longer go together as they did in training, and inside real outlines.",
        means_not: "Interiors of real outlines are synthetic too: accuracy there is no accuracy on patients. A difference over all runs may be one between losses.",
        before: "Kirichenko et al. 2022, for whom features may be learned and not used.",
        no_answer: UNKNOWN,
    }
    /// Linear decodability and the picture of the embedding.
    Embedding {
        id: "embedding",
        short: "Embedding",
        title: "What does the embedding keep and forget?",
        means: "What a linear map can read from a layer is there, whether the decision uses it or not; the untrained network shows what is there without learning.",
        means_not: "What cannot be read linearly may be there all the same, and what can be read need not be used.",
        before: "Kornblith et al. 2021 and Kobs et al. 2021 on what embeddings of several losses hold; Xue et al. 2023 and Robinson et al. 2021 on what contrastive training suppresses.",
        no_answer: UNKNOWN,
    }
    /// Attribution against reliance.
    Maps {
        id: "maps",
        short: "Maps",
        title: "Do maps tell the truth?",
        means: "Whether networks that rely more on shape have maps that look more at the contour; that reliance is known without maps.",
        means_not: "A method that ranks networks rightly need not be right about a single image.",
        before: "Adebayo et al. 2018 on maps that do not depend on the network, and 2022 on maps that do not find a shortcut.",
        no_answer: UNKNOWN,
    }
    /// Seeds, choices, time.
    Depends {
        id: "depends",
        short: "Depends on",
        title: "What does it depend on?",
        means: "How many seeds a difference needs, and how verdicts and numbers change with our choices, with what is drawn anew, and with time in training.",
        means_not: "Numbers of seeds come from standard deviations over few seeds and are rough; choices that the study does not vary are not covered.",
        before: "Steegen et al. 2016, who judge a claim over all choices that could have been made.",
        no_answer: "Too few pairs of runs are finished to say how many seeds a difference needs, and the study varies no choice of ours.",
    }
    /// Controls, equal difficulty, failures, deviations.
    Trust {
        id: "trust",
        short: "Trust",
        title: "Can I trust this run?",
        means: "Whether networks learned what they were trained on, equally well under every loss, and whether controls that can learn nothing stay at chance.",
        means_not: "It checks the runs, not the design: see the limits under each question.",
        before: "",
        no_answer: UNKNOWN,
    }
    /// Versions, settings, files.
    Repeat {
        id: "repeat",
        short: "Repeat",
        title: "How do I repeat it?",
        means: "On a CPU the same settings, version and kernels give the same bits, whatever threads, jobs or interruptions.",
        means_not: "Another device or version gives other bits, and other seeds other numbers.",
        before: "",
        no_answer: "Everything that it takes is below: the study file, the versions, the seeds and the time.",
    }
}

impl Topic {
    /// Its anchor on the page.
    pub(crate) fn id(self) -> &'static str {
        self.spelled().id
    }

    /// The question that a claim is about.
    pub(crate) fn of(contrast: &Contrast) -> Self {
        match contrast.kind().aspect() {
            Aspect::Reliance => Self::Reliance,
            Aspect::Representation => Self::Embedding,
            Aspect::Generalization => Self::Elsewhere,
        }
    }
}
