//! Topics of the report: one section of the page each.

use nodule_study::claims::{Aspect, Contrast};
use rayon::prelude::*;

use crate::Error;

/// A section of the page, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// Claims, networks, training and test sets.
    Setup,
    /// Counterfactual reliance on shape and texture.
    Reliance,
    /// Performance on other distributions.
    Generalization,
    /// Linear decodability and geometry of the embedding.
    Embedding,
    /// Faithfulness of saliency maps.
    SaliencyMaps,
    /// Seeds, design choices and training time.
    Robustness,
    /// Controls, accuracy in distribution and failures.
    QualityChecks,
    /// Versions, settings and files.
    Reproducibility,
}

/// Fixed texts of a topic.
#[derive(Clone, Copy)]
pub(crate) struct TopicText {
    topic: Topic,
    /// Anchor on the page.
    pub(crate) id: &'static str,
    /// Entry in the table of contents.
    pub(crate) short: &'static str,
    pub(crate) title: &'static str,
    pub(crate) interpretation: &'static str,
    pub(crate) limitations: &'static str,
    /// Citations as in `cite.bib`; empty if there are none.
    pub(crate) related_work: &'static str,
    /// Text in place of key findings if the runs give none.
    pub(crate) fallback: &'static str,
}

/// Fallback of most topics.
const NOT_AVAILABLE: &str =
    "Not available: the study does not measure it, or no run is finished yet.";

/// Texts in the order of [`Topic`].
const TEXTS: [TopicText; 8] = [
    TopicText {
        topic: Topic::Setup,
        id: "setup",
        short: "Setup",
        title: "Study setup and claims",
        interpretation: "The generator sets shape and texture of each nodule, so the features that a network uses can be tested by changing one and leaving all else the same.",
        limitations: "The nodules are synthetic: results transfer to scans only as far as the generator resembles them.",
        related_work: "Baltatzis et al. 2021, whose claim is tested; Hermann & Lampinen 2020, who also train on images with known cues.",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::Reliance,
        id: "reliance",
        short: "Reliance",
        title: "Which features does each loss rely on?",
        interpretation: "Reliance is the mean change of the decision score when only shape, or only texture, goes from its low to its high level and everything else of the nodule stays the same. Its unit is the SD unit: the standard deviation of the decision score on in-distribution validation images.",
        limitations: "Reliance does not say which pixels a network uses, nor that relying on one of the two is better.",
        related_work: "Hermann & Lampinen 2020 and Hermann et al. 2024 on which of two cues a network uses; Puli et al. 2023 on shortcuts caused by cross-entropy itself.",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::Generalization,
        id: "generalization",
        short: "Generalization",
        title: "Out-of-distribution performance",
        interpretation: "Accuracy of the same networks on test sets in which shape and texture are not correlated as in training, and on real outlines (`lidc`).",
        limitations: "The interiors of real outlines are synthetic as well: accuracy on `lidc` is not accuracy on patients. A correlation over all runs may reflect a difference between losses.",
        related_work: "Kirichenko et al. 2022, who show that features may be learned and not used.",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::Embedding,
        id: "embedding",
        short: "Embedding",
        title: "What does the embedding encode?",
        interpretation: "A feature that a linear probe decodes from a layer is present, whether the decision uses it or not. The untrained network shows what is present without training.",
        limitations: "A feature that is not linearly decodable may be present as well, and a decodable feature need not be used.",
        related_work: "Kornblith et al. 2021 and Kobs et al. 2021 on embeddings of several losses; Xue et al. 2023 and Robinson et al. 2021 on features that contrastive training suppresses.",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::SaliencyMaps,
        id: "maps",
        short: "Saliency maps",
        title: "Are saliency maps faithful?",
        interpretation: "A method is faithful here if networks that rely more on shape have maps with more relevance on the contour. Reliance is measured without maps.",
        limitations: "A method that ranks networks correctly need not be correct for a single image.",
        related_work: "Adebayo et al. 2018 on maps that do not depend on the network, and Adebayo et al. 2022 on maps that miss a shortcut.",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::Robustness,
        id: "robustness",
        short: "Robustness",
        title: "How robust are the results?",
        interpretation: "How many training seeds a difference needs, and how verdicts and effects change with design choices, sources of randomness and training time.",
        limitations: "Numbers of seeds are rough, because they rest on standard deviations over few seeds. Design choices that the study does not vary are not covered.",
        related_work: "Steegen et al. 2016 on multiverse analysis.",
        fallback: "Too few pairs of runs are finished for a power analysis, and the study varies no design choice.",
    },
    TopicText {
        topic: Topic::QualityChecks,
        id: "quality",
        short: "Quality checks",
        title: "Quality checks",
        interpretation: "Whether networks learned their training task, equally well with every loss, and whether controls with random labels stay at chance.",
        limitations: "This checks the runs, not the design of the study; see the limitations of each section.",
        related_work: "",
        fallback: NOT_AVAILABLE,
    },
    TopicText {
        topic: Topic::Reproducibility,
        id: "reproducibility",
        short: "Reproducibility",
        title: "Reproducibility",
        interpretation: "On a CPU, the same settings, version and kernels give bitwise equal results with any number of threads and jobs, interrupted or not.",
        limitations: "Another device or version gives other bits, and other seeds give other numbers.",
        related_work: "",
        fallback: "Below: versions, machine, time, seeds and the study file.",
    },
];

/// Fallback of most topics of an audit.
const NOT_PREDICTED: &str = "Not available: it needs predictions, such as embeddings or maps, or images that were not given.";

/// Texts of an audit, which knows nothing about the training of the models.
const AUDIT_TEXTS: [TopicText; 7] = [
    TopicText {
        title: "Audit setup",
        limitations: "The nodules are synthetic: results transfer to scans only as far as the generator resembles them. How a model was trained is not known to the audit.",
        related_work: "Baltatzis et al. 2021; Hermann & Lampinen 2020, who also test with images of known cues.",
        fallback: NOT_PREDICTED,
        ..TEXTS[Topic::Setup as usize]
    },
    TopicText {
        title: "Which features does each model rely on?",
        interpretation: "Reliance is the mean change of the decision score when only shape, or only texture, goes from its low to its high level and everything else of the nodule stays the same. Its unit is the SD unit: the standard deviation of the decision score on the validation images of the reference set.",
        limitations: "Reliance does not say which pixels a model uses, nor that relying on one of the two is better.",
        fallback: NOT_PREDICTED,
        ..TEXTS[Topic::Reliance as usize]
    },
    TopicText {
        title: "Performance on other test sets",
        interpretation: "Accuracy of each model on test sets in which shape and texture are correlated or not, and on real outlines (`lidc`).",
        limitations: "The interiors of real outlines are synthetic as well: accuracy on `lidc` is not accuracy on patients.",
        fallback: NOT_PREDICTED,
        ..TEXTS[Topic::Generalization as usize]
    },
    TopicText {
        interpretation: "A feature that a linear probe decodes from the embedding is present, whether the decision uses it or not.",
        related_work: "Kornblith et al. 2021, Kobs et al. 2021, Xue et al. 2023 and Robinson et al. 2021 on what embeddings keep and suppress.",
        fallback: NOT_PREDICTED,
        ..TEXTS[Topic::Embedding as usize]
    },
    TopicText {
        interpretation: "A method is faithful here if models that rely more on shape have maps with more relevance on the contour. Reliance is measured without maps.",
        limitations: "A method that ranks models correctly need not be correct for a single image.",
        fallback: "No method is ranked: a rank correlation needs the maps of several models that differ in reliance.",
        ..TEXTS[Topic::SaliencyMaps as usize]
    },
    TopicText {
        interpretation: "Whether each model tells normal from abnormal nodules on the validation images of its reference set. Compare the reliance of models that do so equally well.",
        limitations: "This checks predictions, not the battery; see the limitations of each section.",
        fallback: NOT_PREDICTED,
        ..TEXTS[Topic::QualityChecks as usize]
    },
    TopicText {
        interpretation: "The same battery, predictions and version of the program give the same numbers.",
        limitations: "Another version may give other bits. Predictions of the same model on other hardware may differ.",
        fallback: "Below: version of the program, and how to repeat the audit.",
        ..TEXTS[Topic::Reproducibility as usize]
    },
];

impl Topic {
    /// Returns all topics in the order of the page.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TEXTS.iter().map(|text| text.topic)
    }

    /// Returns the fixed texts of a study, or of an audit of external models.
    pub(crate) fn text(self, external: bool) -> &'static TopicText {
        let audit = AUDIT_TEXTS.iter().filter(|_| external);
        let mut own = audit.chain(&TEXTS).filter(|text| text.topic == self);
        own.next().unwrap_or(&TEXTS[self as usize])
    }

    /// Returns the topic of a claim.
    pub(crate) fn for_claim(contrast: &Contrast) -> Self {
        match contrast.kind().aspect() {
            Aspect::Reliance => Self::Reliance,
            Aspect::Representation => Self::Embedding,
            Aspect::Generalization => Self::Generalization,
        }
    }
}

/// Figures or tables of a topic, made when called.
pub(crate) type Part<'a, T> = (Topic, &'a (dyn Fn() -> Result<Vec<T>, Error> + Sync));

/// Makes all parts in parallel and returns them in their order.
pub(crate) fn make_parts<T: Send>(parts: &[Part<T>]) -> Result<Vec<(Topic, T)>, Error> {
    let made = parts.par_iter().map(|(topic, make)| {
        let items = make()?.into_iter();
        Ok::<_, Error>(items.map(|item| (*topic, item)).collect::<Vec<_>>())
    });
    let made = made.collect::<Result<Vec<_>, _>>()?;
    Ok(made.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_the_order_of_the_topics() {
        for (i, topic) in Topic::all().enumerate() {
            assert_eq!(topic as usize, i);
        }
    }
}
