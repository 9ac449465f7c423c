//! Random changes of training images.

use nodule_error::{InvalidInput, conflict, invalid_value};
use serde::{Deserialize, Serialize};

/// Largest random changes of a training image; each is drawn anew for every image of every batch, uniformly unless it
/// says otherwise. 0 or `false` leaves the image as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Flips horizontally and vertically, each with probability one half.
    pub flip: bool,
    /// Rotation about the centre, up to this angle in degrees in both directions.
    pub rotation_degrees: f64,
    /// Shift, up to this distance in pixels in both directions of both axes.
    pub shift_pixels: f64,
    /// Size is multiplied by a factor from `1 - scale` to `1 + scale`.
    pub scale: f64,
    /// Intensities are multiplied by a factor from `1 - intensity` to `1 + intensity`.
    pub intensity: f64,
    /// Standard deviation of normal noise that is added to every pixel.
    pub noise: f64,
}

/// Largest change of size: below it an image keeps a tenth of its width.
const MAX_SCALE: f64 = 0.9;
/// Largest shift in pixels; the training loop also limits it to half an image.
const MAX_SHIFT: f64 = 4096.0;

impl Augmentation {
    /// Checks every number, and that at least one has an effect.
    pub(crate) fn validate(&self) -> Result<(), InvalidInput> {
        for (field, value, largest) in [
            ("rotation_degrees", self.rotation_degrees, 180.0),
            ("shift_pixels", self.shift_pixels, MAX_SHIFT),
            ("scale", self.scale, MAX_SCALE),
            ("intensity", self.intensity, 1.0),
            ("noise", self.noise, 1.0),
        ] {
            if !(0.0..=largest).contains(&value) {
                let allowed = format!("a number from 0 to {largest}");
                return Err(invalid_value(field, value, allowed).in_table("augment"));
            }
        }
        match *self == Self::default() {
            true => {
                let reason =
                    "has no effect: all of its settings are 0; set one or remove the table";
                Err(conflict("augment", reason))
            }
            false => Ok(()),
        }
    }

    /// Whether images are flipped, rotated, shifted or scaled.
    #[must_use]
    pub fn moves_pixels(&self) -> bool {
        self.flip || self.rotation_degrees > 0.0 || self.shift_pixels > 0.0 || self.scale > 0.0
    }
}
