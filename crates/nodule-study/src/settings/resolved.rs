//! A study whose every name is resolved and every number checked.

use std::sync::Arc;

use nodule_config::Table;
use nodule_eval::ReadOut;
use nodule_synth::{Distribution, Outlines};

use super::{GivenBackgrounds, GivenImages, ImageSet, Study, TrainingSet};

/// A study that can be run.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The study, every default filled in. Files it names lie beside it as [`Resolved::attachments`].
    pub study: Study,
    /// What is trained on, in the study's order.
    pub train: Vec<TrainingSet>,
    /// The test distributions, in the study's order.
    pub test: Vec<Distribution>,
    /// Images of the user's own to test on, after the distributions.
    pub images: Vec<GivenImages>,
    /// The losses, in the study's order.
    pub losses: Vec<StudyLoss>,
    /// The network.
    pub network: StudyNetwork,
    /// The real outlines.
    pub outlines: Arc<Outlines>,
    /// Real lung that nodules are drawn over, if it is not the generator's own.
    pub backgrounds: Option<GivenBackgrounds>,
    /// The user's own files, as (path relative to the study, contents): an output folder holds a
    /// copy, so that it can be read without them.
    pub attachments: Vec<(String, String)>,
    /// The same study with settings changed, in a fixed order; the trials alone where its losses are still
    /// to be tuned.
    pub variants: Vec<Variant>,
}

/// A loss with its settings.
#[derive(Debug, Clone)]
pub struct StudyLoss {
    /// Its name in study files and tables.
    pub name: String,
    /// All of its settings, those that the study leaves to their defaults too, and no others: changing
    /// lambda must not move the runs of `ce`.
    pub settings: Table,
    /// Whether it trains the network's own head.
    pub trains_head: bool,
    /// Number of views of every image in a batch, 1 or 2.
    pub views: usize,
}

/// A network with its settings.
#[derive(Debug, Clone)]
pub struct StudyNetwork {
    /// Its name in study files.
    pub kind: String,
    /// All of its settings, checked.
    pub settings: Table,
}

/// A study with some settings changed.
#[derive(Debug, Clone)]
pub struct Variant {
    /// What was changed, by the setting's name in the study file, and to what.
    pub changes: Vec<(String, toml::Value)>,
    /// The study as changed. It has no variants of its own.
    pub resolved: Resolved,
}

impl Resolved {
    /// The study with its distributions and images called by their names, as runs call them, where the file
    /// calls them by their paths.
    #[must_use]
    pub fn named(&self) -> Study {
        let drawn = self.test.iter().map(|d| d.name.as_str());
        let given = self.images.iter().map(|given| given.name.as_str());
        let trained_on = self.study.train.iter().zip(&self.train);
        let trained_on = trained_on.map(|(spelled, set)| match spelled {
            ImageSet::Drawn(_) => set.name().into(),
            ImageSet::Given(_) => spelled.clone(),
        });
        Study {
            train: trained_on.collect(),
            test: drawn.chain(given).map(ImageSet::from).collect(),
            ..self.study.clone()
        }
    }

    /// The study itself, or one of its variants.
    #[must_use]
    pub fn variant(&self, variant: Option<usize>) -> &Self {
        variant.map_or(self, |i| &self.variants[i].resolved)
    }
}

impl Variant {
    /// The changes as a person reads them: `loss.margin = 0.5`.
    #[must_use]
    pub fn name(&self) -> String {
        let change = |(key, value): &(String, toml::Value)| format!("{key} = {value}");
        let all: Vec<_> = self.changes.iter().map(change).collect();
        all.join(", ")
    }
}

impl StudyLoss {
    /// Those of `all` that a network trained with it has: the head only where the loss trains one.
    #[must_use]
    pub fn read_outs(&self, all: &[ReadOut]) -> Vec<ReadOut> {
        let all = all.iter().copied();
        all.filter(|r| !r.needs_head() || self.trains_head)
            .collect()
    }
}
