//! A set that networks are tested on: drawn from a distribution, or brought by the user.

use std::sync::Arc;

use nodule_images::LabelledImages;
use nodule_synth::{DataSet, Distribution};

/// Images with labels, and what is known of where they come from.
#[derive(Debug)]
pub enum TestImages {
    /// Of that distribution.
    Drawn(Distribution, DataSet),
    /// By the name that tables use.
    Given(String, Arc<LabelledImages>),
}

impl TestImages {
    /// What tables call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Drawn(distribution, _) => &distribution.name,
            Self::Given(name, _) => name,
        }
    }

    /// `[n, size, size]`.
    #[must_use]
    pub fn images(&self) -> &[f32] {
        match self {
            Self::Drawn(_, data) => &data.images,
            Self::Given(_, given) => &given.images,
        }
    }

    /// Returns the label of an image: 0 normal, 1 abnormal.
    #[must_use]
    pub fn label(&self, i: usize) -> u8 {
        match self {
            Self::Drawn(_, data) => data.labels[i].into(),
            Self::Given(_, given) => given.labels[i],
        }
    }

    /// Shape and texture of an image: levels of what was drawn, ratings of what was given.
    #[must_use]
    pub fn modes(&self, i: usize) -> [Option<f64>; 2] {
        match self {
            Self::Drawn(_, data) => [data.latents[i].shape, data.latents[i].texture].map(Some),
            Self::Given(_, given) => {
                let rating = |ratings: &Option<Vec<f64>>| ratings.as_ref().map(|all| all[i]);
                [rating(&given.shape), rating(&given.texture)]
            }
        }
    }
}
