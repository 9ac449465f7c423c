//! Latents: everything that makes one nodule, and what each of them means in physical units.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// How far beyond its range a level may lie: what rounding adds.
const SLACK: f64 = 1e-9;

/// A mode of variation that can be changed with all else held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Outline: 0 smooth and near-round, 1 lobulated and spiculated.
    Shape,
    /// Interior: 0 homogeneous, 1 heterogeneous.
    Texture,
    /// Radius.
    Size,
    /// Length of the outline against its width.
    Elongation,
    /// Direction of the outline.
    Rotation,
    /// Centre, along both axes.
    Position,
    /// Interior against background.
    Contrast,
    /// Background intensity.
    Brightness,
    /// Unevenness of the background.
    BackgroundTexture,
    /// Acquisition noise.
    Noise,
    /// Point spread.
    Blur,
}

impl Mode {
    /// All of them: shape and texture, then the nuisances.
    pub const ALL: [Self; 11] = [
        Self::Shape,
        Self::Texture,
        Self::Size,
        Self::Elongation,
        Self::Rotation,
        Self::Position,
        Self::Contrast,
        Self::Brightness,
        Self::BackgroundTexture,
        Self::Noise,
        Self::Blur,
    ];

    /// Its name in files and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Texture => "texture",
            Self::Size => "size",
            Self::Elongation => "elongation",
            Self::Rotation => "rotation",
            Self::Position => "position",
            Self::Contrast => "contrast",
            Self::Brightness => "brightness",
            Self::BackgroundTexture => "background-texture",
            Self::Noise => "noise",
            Self::Blur => "blur",
        }
    }

    /// The least and the greatest level that can be rendered. Training draws from 0 to 1; shifted
    /// test sets may move a nuisance beyond, as far as it still means something: no standard
    /// deviation and no amplitude is negative.
    #[must_use]
    pub fn levels(self) -> (f64, f64) {
        match self {
            Self::Shape | Self::Texture => (0.0, 1.0),
            Self::Elongation => (-0.15, 2.0),
            Self::BackgroundTexture => (-0.3, 2.0),
            Self::Size
            | Self::Rotation
            | Self::Position
            | Self::Contrast
            | Self::Brightness
            | Self::Noise
            | Self::Blur => (-0.5, 2.0),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One nodule. Every number is a level: 0 and 1 are the ends of the range that training
/// distributions draw from; a shifted test set may go a little beyond, as [`Mode::levels`] says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latents {
    /// Irregularity of the outline, [0, 1].
    pub shape: f64,
    /// Heterogeneity of the interior, [0, 1].
    pub texture: f64,
    /// Radius of the disc of equal area: 0.16 to 0.24 of the image's width.
    pub size: f64,
    /// Amplitude of the outline's second harmonic: 0.02 to 0.14 of the radius.
    pub elongation: f64,
    /// Direction of the outline: 0 to 360 degrees.
    pub rotation: f64,
    /// Centre, horizontally: 0.08 of the image's width to either side of its middle.
    pub position_x: f64,
    /// Centre, vertically: likewise.
    pub position_y: f64,
    /// Interior minus background intensity: 0.30 to 0.45.
    pub contrast: f64,
    /// Background intensity: 0.20 to 0.32.
    pub brightness: f64,
    /// Standard deviation of the background's unevenness: 0.01 to 0.04.
    pub background_texture: f64,
    /// Standard deviation of the noise: see [`crate::GeneratorSettings`]'s recipe.
    pub noise: f64,
    /// Standard deviation of the point spread: 0.4 to 0.8 pixels of a 64-pixel image.
    pub blur: f64,
    /// A real outline instead of a synthetic one: its row in the outlines' file.
    pub outline: Option<usize>,
    /// Seed of the outline's details.
    pub outline_seed: u64,
    /// Seed of the interior.
    pub texture_seed: u64,
    /// Seed of the background.
    pub background_seed: u64,
    /// Seed of the noise.
    pub noise_seed: u64,
}

impl Latents {
    /// The columns that a row of latents fills in a table, in order.
    pub const COLUMNS: [&str; 17] = [
        "shape",
        "texture",
        "size",
        "elongation",
        "rotation",
        "position_x",
        "position_y",
        "contrast",
        "brightness",
        "background_texture",
        "noise",
        "blur",
        "outline",
        "outline_seed",
        "texture_seed",
        "background_seed",
        "noise_seed",
    ];

    /// The counterfactual: `mode` set to `level`, all else held, seeds included. A real outline
    /// gives way to a synthetic one where the mode is its shape. Rendering refuses a level outside
    /// [`Mode::levels`].
    #[must_use]
    pub fn with(&self, mode: Mode, level: f64) -> Self {
        let mut other = self.clone();
        match mode {
            Mode::Shape => (other.shape, other.outline) = (level, None),
            Mode::Texture => other.texture = level,
            Mode::Position => (other.position_x, other.position_y) = (level, level),
            _ => {
                if let Some(value) = other.nuisance_mut(mode) {
                    *value = level;
                }
            }
        }
        other
    }

    /// Checks that every level can be rendered.
    ///
    /// # Errors
    /// [`Error::Setting`] if one is not finite or outside [`Mode::levels`], naming it.
    pub fn validate(&self) -> Result<(), Error> {
        let levels = [
            ("shape", Mode::Shape, self.shape),
            ("texture", Mode::Texture, self.texture),
            ("size", Mode::Size, self.size),
            ("elongation", Mode::Elongation, self.elongation),
            ("rotation", Mode::Rotation, self.rotation),
            ("position_x", Mode::Position, self.position_x),
            ("position_y", Mode::Position, self.position_y),
            ("contrast", Mode::Contrast, self.contrast),
            ("brightness", Mode::Brightness, self.brightness),
            (
                "background_texture",
                Mode::BackgroundTexture,
                self.background_texture,
            ),
            ("noise", Mode::Noise, self.noise),
            ("blur", Mode::Blur, self.blur),
        ];
        for (field, mode, level) in levels {
            let (least, most) = mode.levels();
            if !(least - SLACK..=most + SLACK).contains(&level) {
                let allowed = format!("a level from {least} to {most}");
                return Err(setting("latents", field, level, allowed));
            }
        }
        Ok(())
    }

    /// The one number behind a nuisance; none for shape, texture and position.
    pub(crate) fn nuisance_mut(&mut self, mode: Mode) -> Option<&mut f64> {
        match mode {
            Mode::Size => Some(&mut self.size),
            Mode::Elongation => Some(&mut self.elongation),
            Mode::Rotation => Some(&mut self.rotation),
            Mode::Contrast => Some(&mut self.contrast),
            Mode::Brightness => Some(&mut self.brightness),
            Mode::BackgroundTexture => Some(&mut self.background_texture),
            Mode::Noise => Some(&mut self.noise),
            Mode::Blur => Some(&mut self.blur),
            Mode::Shape | Mode::Texture | Mode::Position => None,
        }
    }
}

/// Physical values of a level: the recipe's numbers, in one place. All are *ours*.
pub(crate) mod physical {
    use super::Latents;

    /// From the value at level 0 to that at level 1.
    fn between(low: f64, high: f64, level: f64) -> f64 {
        low + (high - low) * level
    }

    /// Root mean square of the outline's harmonics 4 to 12, over the radius.
    pub(crate) fn irregularity(latents: &Latents, amplitude: f64) -> f64 {
        between(0.025, 0.025 + 0.11 * amplitude, latents.shape)
    }

    /// Standard deviation of the interior.
    pub(crate) fn heterogeneity(latents: &Latents, amplitude: f64) -> f64 {
        between(0.01, 0.01 + 0.10 * amplitude, latents.texture)
    }

    /// Of the image's width.
    pub(crate) fn radius(latents: &Latents) -> f64 {
        between(0.16, 0.24, latents.size)
    }

    /// Amplitude of harmonic 2, over the radius.
    pub(crate) fn elongation(latents: &Latents) -> f64 {
        between(0.02, 0.14, latents.elongation)
    }

    /// In radians.
    pub(crate) fn rotation(latents: &Latents) -> f64 {
        std::f64::consts::TAU * latents.rotation
    }

    /// Of the image's width, from its upper left corner.
    pub(crate) fn centre(latents: &Latents) -> [f64; 2] {
        [latents.position_x, latents.position_y].map(|level| between(0.42, 0.58, level))
    }

    pub(crate) fn contrast(latents: &Latents) -> f64 {
        between(0.30, 0.45, latents.contrast)
    }

    pub(crate) fn brightness(latents: &Latents) -> f64 {
        between(0.20, 0.32, latents.brightness)
    }

    /// Standard deviation.
    pub(crate) fn background_texture(latents: &Latents) -> f64 {
        between(0.01, 0.04, latents.background_texture)
    }

    /// Standard deviation.
    pub(crate) fn noise(latents: &Latents) -> f64 {
        between(0.02, 0.04, latents.noise)
    }

    /// Standard deviation, of the image's width.
    pub(crate) fn blur(latents: &Latents) -> f64 {
        between(0.4, 0.8, latents.blur) / 64.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_its_least_level_nothing_is_negative() {
        let drawn = crate::draw(
            &crate::Distribution::named("both").unwrap(),
            &crate::Outlines::embedded(),
            1,
            0,
        );
        let mut latents = drawn.latents;
        for mode in Mode::ALL {
            latents = latents.with(mode, mode.levels().0);
        }
        latents.validate().unwrap();
        for value in [
            physical::irregularity(&latents, 1.5),
            physical::heterogeneity(&latents, 2.0),
            physical::radius(&latents),
            physical::elongation(&latents),
            physical::contrast(&latents),
            physical::brightness(&latents),
            physical::background_texture(&latents),
            physical::noise(&latents),
            physical::blur(&latents),
        ] {
            assert!(value > 0.0, "{value}");
        }
    }
}
