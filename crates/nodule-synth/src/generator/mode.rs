//! Modes of variation: the factors of a nodule that can be changed one at a time.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, IntoStaticStr};

/// Mode of variation: shape, texture or a nuisance. [`crate::Latents::with`] changes one and keeps all others.
///
/// ```
/// use nodule_synth::Mode;
///
/// assert_eq!(Mode::BackgroundTexture.to_string(), "background-texture");
/// assert_eq!(Mode::Shape.levels(), (0.0, 1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, EnumCount, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Mode {
    /// Outline: 0 smooth and near-round, 1 lobulated and spiculated.
    Shape,
    /// Interior: 0 homogeneous, 1 heterogeneous.
    Texture,
    /// Radius.
    Size,
    /// Ratio of the outline's length to its width.
    Elongation,
    /// Direction of the outline.
    Rotation,
    /// Centre, along both axes.
    Position,
    /// Difference between interior and background intensity.
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
    /// All modes: shape and texture first, then the nuisances.
    pub const ALL: [Self; Self::COUNT] = [
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

    /// The mode's name in files and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The least and the greatest level that can be rendered.
    ///
    /// Training distributions draw from 0 to 1. Shifted test sets may go beyond for a nuisance, as long as no standard
    /// deviation and no amplitude becomes negative.
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
