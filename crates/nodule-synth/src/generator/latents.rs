//! Latents: the numbers that fully determine one nodule.

use serde::{Deserialize, Serialize};

use super::Mode;
use crate::Error;
use crate::error::setting;

/// Amount of rounding error allowed beyond the range of a level.
const TOLERANCE: f64 = 1e-9;

/// Latents of one nodule: levels and seeds.
///
/// Levels 0 and 1 are the ends of the range that training distributions draw from. A shifted test set may exceed this
/// range within [`Mode::levels`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latents {
    /// Irregularity of the outline, in [0, 1].
    pub shape: f64,
    /// Heterogeneity of the interior, in [0, 1].
    pub texture: f64,
    /// Radius of the disc of equal area: 0.16 to 0.24 of the image's width.
    pub size: f64,
    /// Amplitude of the outline's second harmonic: 0.02 to 0.14 of the radius.
    pub elongation: f64,
    /// Direction of the outline: 0 to 360 degrees.
    pub rotation: f64,
    /// Horizontal position of the centre: up to 0.08 of the image's width from the middle, to either side.
    pub position_x: f64,
    /// Vertical position of the centre, in the same range.
    pub position_y: f64,
    /// Interior minus background intensity: 0.30 to 0.45.
    pub contrast: f64,
    /// Background intensity: 0.20 to 0.32.
    pub brightness: f64,
    /// Standard deviation of the background's unevenness: 0.01 to 0.04.
    pub background_texture: f64,
    /// Standard deviation of the noise: 0.02 to 0.04.
    pub noise: f64,
    /// Standard deviation of the point spread: 0.4 to 0.8 pixels of a 64-pixel image.
    pub blur: f64,
    /// Row of a real outline in the outlines' file, or `None` for a synthetic outline.
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
    /// Column names of the latents in a table, in the order in which they are serialised.
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

    /// Returns the counterfactual: `mode` set to `level`, everything else unchanged, seeds included.
    ///
    /// Setting the shape of a nodule with a real outline replaces the outline by a synthetic one. `level` is checked
    /// when the nodule is rendered.
    ///
    /// ```
    /// use nodule_synth::{Distribution, Generator, Mode, Outlines};
    ///
    /// let generator = Generator::new(Default::default(), Outlines::lidc())?;
    /// let both = Distribution::resolve("both")?;
    /// let latents = generator.draw(&both, 7, 0..1)[0].latents.clone();
    /// let irregular = latents.with(Mode::Shape, 1.0);
    /// assert_eq!(irregular.texture, latents.texture);
    /// # Ok::<(), nodule_synth::Error>(())
    /// ```
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
    /// [`Error::Setting`] with the first level that is not finite or is outside [`Mode::levels`].
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
            let (least, greatest) = mode.levels();
            if !(least - TOLERANCE..=greatest + TOLERANCE).contains(&level) {
                let allowed = format!("a level from {least} to {greatest}");
                return Err(setting("latents", field, level, allowed));
            }
        }
        Ok(())
    }

    /// Returns the single level of a nuisance, or `None` for shape, texture and position.
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
