//! Training sets of a study, and the groups of real images in them.

use nodule_synth::Distribution;

use super::{Resolved, TrainingGroups, UserImages, is_learnable};
use crate::Error;

/// Training set of a run.
#[derive(Debug, Clone)]
pub enum TrainingSet {
    /// Images drawn from a distribution.
    Distribution(Distribution),
    /// The user's own images; those of the held-out fold are left out.
    UserImages(UserImages),
}

impl TrainingSet {
    /// Returns the name in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Distribution(distribution) => &distribution.name,
            Self::UserImages(images) => images.name(),
        }
    }

    /// Returns the distribution, if it is one.
    #[must_use]
    pub fn distribution(&self) -> Option<&Distribution> {
        match self {
            Self::Distribution(distribution) => Some(distribution),
            Self::UserImages(_) => None,
        }
    }

    /// Returns the user's own images, if it is them.
    #[must_use]
    pub fn user_images(&self) -> Option<&UserImages> {
        match self {
            Self::Distribution(_) => None,
            Self::UserImages(images) => Some(images),
        }
    }

    /// Whether the labels depend on the images. Those of a control with random labels do not.
    #[must_use]
    pub fn is_learnable(&self) -> bool {
        self.distribution().is_none_or(is_learnable)
    }
}

impl Resolved {
    /// Returns all groups in the training images and backgrounds, including those of the held-out fold.
    ///
    /// # Errors
    /// If the images or the backgrounds cannot be loaded.
    pub fn training_groups(&self) -> Result<TrainingGroups, Error> {
        let size = self.study.generator.image_size;
        let mut groups = TrainingGroups::default();
        if let Some(backgrounds) = &self.backgrounds {
            groups.add_names(backgrounds.load(size)?.groups().iter().cloned());
        }
        for images in self.train.iter().filter_map(TrainingSet::user_images) {
            groups.add_images(images.load(size)?.as_ref());
        }
        Ok(groups)
    }
}
