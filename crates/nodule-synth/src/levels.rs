//! Labels, and the levels of shape and texture that a distribution's table names.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::Display;

/// Class of an image. As a number (files, tensors) it is 0 for normal and 1 for abnormal.
///
/// ```
/// use nodule_synth::Label;
///
/// assert_eq!(Label::from(true), Label::Abnormal);
/// assert_eq!(u8::from(Label::Abnormal), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Label {
    /// 0.
    Normal,
    /// 1.
    Abnormal,
}

/// Range of the shape latent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ShapeLevel {
    /// 0 to 0.25.
    Regular,
    /// 0.75 to 1.
    Irregular,
    /// 0 to 1.
    #[strum(serialize = "any shape")]
    Any,
}

/// Range of the texture latent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum TextureLevel {
    /// 0 to 0.25.
    Homogeneous,
    /// 0.75 to 1.
    Heterogeneous,
    /// 0 to 1.
    #[strum(serialize = "any texture")]
    Any,
}

/// Combination of a shape level and a texture level, such as `irregular, homogeneous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactorLevels {
    /// Level of shape.
    pub shape: ShapeLevel,
    /// Level of texture.
    pub texture: TextureLevel,
}

const LOW: (f64, f64) = (0.0, 0.25);
const HIGH: (f64, f64) = (0.75, 1.0);
const WHOLE: (f64, f64) = (0.0, 1.0);

impl ShapeLevel {
    /// Returns the least and the greatest shape latent of this level.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Regular => LOW,
            Self::Irregular => HIGH,
            Self::Any => WHOLE,
        }
    }
}

impl TextureLevel {
    /// Returns the least and the greatest texture latent of this level.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Homogeneous => LOW,
            Self::Heterogeneous => HIGH,
            Self::Any => WHOLE,
        }
    }
}

impl From<Label> for u8 {
    fn from(label: Label) -> Self {
        label as u8
    }
}

impl From<bool> for Label {
    /// `true` is abnormal.
    fn from(is_abnormal: bool) -> Self {
        match is_abnormal {
            true => Self::Abnormal,
            false => Self::Normal,
        }
    }
}

impl fmt::Display for FactorLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.shape, self.texture)
    }
}
