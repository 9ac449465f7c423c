//! From a loss's name in a study file to the loss itself, with the constants it uses.

use nodule_eval::ReadOut;
use nodule_nn::Loss;
use serde::{Deserialize, Serialize};

use crate::settings::Contrastive;

/// A loss with the constants it uses and no others: changing lambda must not move the runs of
/// `ce`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum LossSettings {
    /// Cross-entropy.
    #[serde(rename = "ce")]
    CrossEntropy,
    /// Contrastive.
    #[serde(rename = "contrastive")]
    Contrastive {
        /// Distance beyond which pairs of different classes no longer repel.
        margin: f64,
    },
    /// Joint.
    #[serde(rename = "ce+contrastive")]
    CrossEntropyContrastive {
        /// Distance beyond which pairs of different classes no longer repel.
        margin: f64,
        /// Weight of the contrastive term (lambda).
        weight: f64,
    },
    /// Supervised contrastive.
    #[serde(rename = "supcon")]
    SupCon {
        /// Of the similarities.
        temperature: f64,
    },
    /// Joint with the supervised contrastive loss.
    #[serde(rename = "ce+supcon")]
    CrossEntropySupCon {
        /// Of the similarities.
        temperature: f64,
        /// Weight of the contrastive term (lambda).
        weight: f64,
    },
    /// Batch-hard triplets.
    #[serde(rename = "triplet")]
    Triplet {
        /// By which the other class must be farther.
        margin: f64,
    },
    /// Joint with NT-Xent.
    #[serde(rename = "ce+nt-xent")]
    CrossEntropyNtXent {
        /// Of the similarities.
        temperature: f64,
        /// Weight of the contrastive term (lambda).
        weight: f64,
    },
}

impl LossSettings {
    /// The names a study file may use.
    pub(crate) const NAMES: [&str; 7] = [
        "ce",
        "contrastive",
        "ce+contrastive",
        "supcon",
        "ce+supcon",
        "triplet",
        "ce+nt-xent",
    ];

    /// The loss of that name, with the study's constants.
    pub(crate) fn named(name: &str, contrastive: &Contrastive) -> Option<Self> {
        let Contrastive {
            margin,
            weight,
            temperature,
            triplet_margin,
        } = *contrastive;
        match name {
            "ce" => Some(Self::CrossEntropy),
            "contrastive" => Some(Self::Contrastive { margin }),
            "ce+contrastive" => Some(Self::CrossEntropyContrastive { margin, weight }),
            "supcon" => Some(Self::SupCon { temperature }),
            "ce+supcon" => Some(Self::CrossEntropySupCon {
                temperature,
                weight,
            }),
            "triplet" => Some(Self::Triplet {
                margin: triplet_margin,
            }),
            "ce+nt-xent" => Some(Self::CrossEntropyNtXent {
                temperature,
                weight,
            }),
            _ => None,
        }
    }

    /// The loss.
    pub(crate) fn loss(&self) -> Loss {
        match *self {
            Self::CrossEntropy => Loss::CrossEntropy,
            Self::Contrastive { margin } => Loss::Contrastive { margin },
            Self::CrossEntropyContrastive { margin, weight } => {
                Loss::CrossEntropyContrastive { margin, weight }
            }
            Self::SupCon { temperature } => Loss::SupCon { temperature },
            Self::CrossEntropySupCon {
                temperature,
                weight,
            } => Loss::CrossEntropySupCon {
                temperature,
                weight,
            },
            Self::Triplet { margin } => Loss::Triplet { margin },
            Self::CrossEntropyNtXent {
                temperature,
                weight,
            } => Loss::CrossEntropyNtXent {
                temperature,
                weight,
            },
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.loss().name()
    }

    /// Those of `all` that a network trained with it has: `head` only where the loss trains one.
    pub(crate) fn read_outs(&self, all: &[ReadOut]) -> Vec<ReadOut> {
        let has_head = self.loss().has_head();
        all.iter()
            .filter(|r| **r != ReadOut::Head || has_head)
            .copied()
            .collect()
    }
}
