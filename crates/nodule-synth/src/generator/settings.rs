//! Settings of the image generator that a study may change.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// Image size, and strength of shape and texture. [`crate::GENERATOR_VERSION`] fixes the rest of the recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratorSettings {
    /// Width and height of an image in pixels, 16 to 512. All lengths scale with it.
    pub image_size: usize,
    /// Irregularity of the outline at shape 1, relative to the calibrated amplitude (1.0), 0 to 1.5.
    pub shape_amplitude: f64,
    /// Heterogeneity of the interior at texture 1, relative to the amplitude matched to shape (1.0), 0 to 2.
    pub texture_amplitude: f64,
}

impl Default for GeneratorSettings {
    fn default() -> Self {
        Self {
            image_size: 64,
            shape_amplitude: 1.0,
            texture_amplitude: 1.0,
        }
    }
}

impl GeneratorSettings {
    /// Checks that every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Setting`] with the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let place = "generator";
        if !(16..=512).contains(&self.image_size) {
            let allowed = "16 to 512 pixels";
            return Err(setting(place, "image_size", self.image_size, allowed));
        }
        let amplitudes = [
            ("shape_amplitude", self.shape_amplitude, 1.5),
            ("texture_amplitude", self.texture_amplitude, 2.0),
        ];
        for (field, value, max) in amplitudes {
            if !(0.0..=max).contains(&value) {
                let allowed = format!("a number from 0 to {max}");
                return Err(setting(place, field, value, allowed));
            }
        }
        Ok(())
    }
}
