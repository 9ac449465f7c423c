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
}

impl LossSettings {
    /// The names a study file may use.
    pub(crate) const NAMES: [&str; 3] = ["ce", "contrastive", "ce+contrastive"];

    /// The loss of that name, with the study's constants.
    pub(crate) fn named(name: &str, contrastive: &Contrastive) -> Option<Self> {
        let Contrastive { margin, weight } = *contrastive;
        match name {
            "ce" => Some(Self::CrossEntropy),
            "contrastive" => Some(Self::Contrastive { margin }),
            "ce+contrastive" => Some(Self::CrossEntropyContrastive { margin, weight }),
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
