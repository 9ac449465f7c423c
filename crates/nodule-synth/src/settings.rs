//! What a study may change about the generator.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// Image size, and how strongly each mode shows. The rest of the recipe is fixed by
/// [`crate::GENERATOR_VERSION`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratorSettings {
    /// Width and height of an image in pixels, 16 to 512. Everything scales with it.
    pub image_size: usize,
    /// Irregularity of the outline at shape 1, as a multiple of the calibrated one, 0 to 1.5.
    pub shape_amplitude: f64,
    /// Heterogeneity of the interior at texture 1, as a multiple of the matched one, 0 to 2.
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
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let place = "generator";
        if !(16..=512).contains(&self.image_size) {
            return Err(setting(
                place,
                "image_size",
                self.image_size,
                "16 to 512 pixels",
            ));
        }
        let amplitudes = [
            ("shape_amplitude", self.shape_amplitude, 1.5),
            ("texture_amplitude", self.texture_amplitude, 2.0),
        ];
        for (field, value, most) in amplitudes {
            if !(0.0..=most).contains(&value) {
                return Err(setting(
                    place,
                    field,
                    value,
                    format!("a number from 0 to {most}"),
                ));
            }
        }
        Ok(())
    }
}
