//! Resolved study: a study whose names are replaced by distributions, images, losses and a network.

mod fold;
mod label_rule;
mod read_outs;
mod registry;
mod training_set;
mod user_file;

use std::sync::Arc;

use nodule_config::Table;
use nodule_eval::ReadOut;
use nodule_synth::{Distribution, Outlines};

use crate::file::{ImageSet, Study};

pub(crate) use fold::assign_folds;
pub use fold::{TestableImages, TrainingGroups, images_outside_fold, select_validation};
pub use label_rule::{LabelRule, is_learnable, label_rules, scored_name, scored_tests, test_names};
pub use read_outs::{choose_map_read_out, shared_read_outs};
pub(crate) use registry::{DROPOUT, PROJECTION};
pub use registry::{Registry, built_in_losses};
pub use training_set::TrainingSet;
pub use user_file::{UserBackgrounds, UserFile, UserImages};

/// A study that can be run: every name is resolved and every number checked.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The study with every default filled in. Paths in it point to the copies in [`Resolved::attachments`].
    pub study: Study,
    /// Training sets, in the study's order.
    pub train: Vec<TrainingSet>,
    /// Test distributions, in the study's order.
    pub test: Vec<Distribution>,
    /// The user's own test images, which come after the distributions.
    pub images: Vec<UserImages>,
    /// Losses, in the study's order.
    pub losses: Vec<StudyLoss>,
    /// Network.
    pub network: StudyNetwork,
    /// Real outlines.
    pub outlines: Arc<Outlines>,
    /// Real lung as background. `None`: the generator's own.
    pub backgrounds: Option<UserBackgrounds>,
    /// The user's own text files, as (path relative to the study, content). An output folder holds a copy of them.
    pub attachments: Vec<(String, String)>,
    /// Variants, in a fixed order. Only the tuning trials if the study has a `[tune]` table.
    pub variants: Vec<Variant>,
}

/// A loss with its settings.
#[derive(Debug, Clone)]
pub struct StudyLoss {
    /// Name in study files and tables.
    pub name: String,
    /// All settings of the loss, defaults included, and no others: another lambda must not change the runs of `ce`.
    pub settings: Table,
    /// Whether the loss trains the network's own head.
    pub trains_head: bool,
    /// Whether the loss depends on the embedding other than through the logits.
    pub uses_embedding: bool,
}

/// A network with its settings.
#[derive(Debug, Clone)]
pub struct StudyNetwork {
    /// Name in study files.
    pub kind: String,
    /// All settings of the network itself, checked.
    pub settings: Table,
    /// Width of the projection head that losses on the embedding see in training; 0 is no head.
    pub projection: usize,
    /// Probability with which a number of the embedding is 0 in a training step.
    pub dropout: f64,
}

impl StudyNetwork {
    /// Returns the width of the projection head in a training with `loss`; 0 is no head.
    #[must_use]
    pub fn projection_for(&self, loss: &StudyLoss) -> usize {
        if loss.uses_embedding {
            self.projection
        } else {
            0
        }
    }
}

/// A study with changed settings.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Changed settings by name, with their new values.
    pub changes: Vec<(String, toml::Value)>,
    /// The changed study. It has no variants of its own.
    pub resolved: Resolved,
}

impl Resolved {
    /// Returns the study with distributions and images called by their names, as runs call them, not by their paths.
    #[must_use]
    pub fn study_by_name(&self) -> Study {
        let train = self.study.train.iter().zip(&self.train);
        let distributions = self.test.iter().map(|d| d.name.as_str());
        let images = self.images.iter().map(UserImages::name);
        Study {
            train: train
                .map(|(entry, set)| match entry {
                    ImageSet::Distribution(_) => set.name().into(),
                    ImageSet::UserImages(_) => entry.clone(),
                })
                .collect(),
            test: distributions.chain(images).map(ImageSet::from).collect(),
            ..self.study.clone()
        }
    }

    /// Returns the study itself, or one of its variants.
    #[must_use]
    pub fn variant(&self, variant: Option<usize>) -> &Self {
        variant.map_or(self, |i| &self.variants[i].resolved)
    }
}

impl Variant {
    /// Returns the changes for display, as `loss.margin = 0.5`.
    #[must_use]
    pub fn name(&self) -> String {
        let changes = self.changes.iter();
        let changes: Vec<_> = changes
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        changes.join(", ")
    }
}

impl StudyLoss {
    /// Returns those of `read_outs` that networks trained with the loss have: the head only if the loss trains it.
    #[must_use]
    pub fn read_outs(&self, read_outs: &[ReadOut]) -> Vec<ReadOut> {
        read_outs
            .iter()
            .copied()
            .filter(|read_out| !read_out.needs_head() || self.trains_head)
            .collect()
    }
}
