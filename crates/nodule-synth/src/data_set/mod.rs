//! Data sets: images drawn from a distribution, with masks, labels and latents.

mod generate;
mod memory;
mod sample;

pub use sample::Sample;

use crate::error::setting;
use crate::{Error, FactorLevels, Label, Latents};

/// Images with their masks, labels and latents. Image i is `images[i * size * size..][..size * size]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// Masks `[n, size, size]`: 1 inside the nodule, else 0.
    pub masks: Vec<u8>,
    /// Labels `[n]`.
    pub labels: Vec<Label>,
    /// Latents `[n]`.
    pub latents: Vec<Latents>,
    /// Levels of shape and texture `[n]` of the combination that each image was drawn from.
    pub levels: Vec<FactorLevels>,
}

impl DataSet {
    /// Returns the labels as numbers `[n]`: 0 normal, 1 abnormal.
    #[must_use]
    pub fn class_indices(&self) -> Vec<u8> {
        self.labels.iter().copied().map(u8::from).collect()
    }

    /// Checks that the lengths of all arrays match the number of labels.
    ///
    /// # Errors
    /// [`Error::Setting`] with the first array of another length.
    pub fn validate(&self) -> Result<(), Error> {
        let n = self.labels.len();
        let values = self
            .image_size
            .checked_mul(self.image_size)
            .and_then(|pixels| pixels.checked_mul(n));
        for (field, length, expected) in [
            ("images", self.images.len(), values),
            ("masks", self.masks.len(), values),
            ("latents", self.latents.len(), Some(n)),
            ("levels", self.levels.len(), Some(n)),
        ] {
            if Some(length) != expected {
                let size = self.image_size;
                let allowed = format!("as many as {n} labels and images {size} pixels wide need");
                let value = format!("{length} values");
                return Err(setting("data set", field, value, allowed));
            }
        }
        Ok(())
    }
}
