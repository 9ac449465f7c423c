//! Test set: generated from a distribution, or images of the user.

use nodule_study::settings::TestableImages;
use nodule_synth::{DataSet, Distribution};

/// Labelled test images and their origin.
#[derive(Debug)]
pub enum TestImages {
    /// Generated from that distribution.
    Generated(Distribution, DataSet),
    /// Images of the user, with the name that tables use.
    External(String, TestableImages),
}

impl TestImages {
    /// Name in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Generated(distribution, _) => &distribution.name,
            Self::External(name, _) => name,
        }
    }

    /// Images `[n, size, size]`.
    #[must_use]
    pub fn images(&self) -> &[f32] {
        match self {
            Self::Generated(_, data) => &data.images,
            Self::External(_, set) => &set.images.images,
        }
    }

    /// Returns the label of image `i`: 0 normal, 1 abnormal.
    #[must_use]
    pub fn label(&self, i: usize) -> u8 {
        match self {
            Self::Generated(_, data) => data.labels[i].into(),
            Self::External(_, set) => set.images.labels[i],
        }
    }

    /// Returns shape and texture of image `i`: levels of a generated image, ratings of a user's image if known.
    #[must_use]
    pub fn shape_and_texture(&self, i: usize) -> [Option<f64>; 2] {
        match self {
            Self::Generated(_, data) => [data.latents[i].shape, data.latents[i].texture].map(Some),
            Self::External(_, set) => {
                let images = &set.images;
                let rating = |ratings: &Option<Vec<f64>>| ratings.as_ref().map(|all| all[i]);
                [rating(&images.shape), rating(&images.texture)]
            }
        }
    }
}
