//! What networks are trained on, and which real images are kept from them.

use std::collections::BTreeSet;

use nodule_synth::Distribution;

use super::{GivenImages, Resolved, is_learnable};
use crate::Error;

/// What a network is trained on.
#[derive(Debug, Clone)]
pub enum TrainingSet {
    /// Images drawn from that distribution.
    Drawn(Distribution),
    /// Images of the user's own: those of groups that are not held out.
    Given(GivenImages),
}

impl TrainingSet {
    /// What tables call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Drawn(distribution) => &distribution.name,
            Self::Given(given) => &given.name,
        }
    }

    /// The distribution, if it is drawn from one.
    #[must_use]
    pub fn drawn(&self) -> Option<&Distribution> {
        match self {
            Self::Drawn(distribution) => Some(distribution),
            Self::Given(_) => None,
        }
    }

    /// The images, if they are the user's own.
    #[must_use]
    pub fn given(&self) -> Option<&GivenImages> {
        match self {
            Self::Drawn(_) => None,
            Self::Given(given) => Some(given),
        }
    }

    /// Whether its labels say anything of its images: those of a control do not.
    #[must_use]
    pub fn is_learnable(&self) -> bool {
        self.drawn().is_none_or(is_learnable)
    }
}

impl Resolved {
    /// The names of all groups whose images networks are trained on, or would be if they were not held out.
    ///
    /// # Errors
    /// If the images or the backgrounds cannot be had.
    pub fn groups_of_training(&self) -> Result<BTreeSet<String>, Error> {
        let size = self.study.generator.image_size;
        let mut groups = BTreeSet::new();
        if let Some(given) = &self.backgrounds {
            groups.extend(given.load(size)?.groups().iter().cloned());
        }
        for given in self.train.iter().filter_map(TrainingSet::given) {
            groups.extend(given.load(size)?.groups_by_name());
        }
        Ok(groups)
    }
}
