//! The words of a distribution's table: labels, and levels of shape and texture.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Normal or abnormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// 0.
    Normal,
    /// 1.
    Abnormal,
}

/// A range of the shape latent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeLevel {
    /// 0 to 0.25.
    Regular,
    /// 0.75 to 1.
    Irregular,
    /// 0 to 1.
    Any,
}

/// A range of the texture latent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextureLevel {
    /// 0 to 0.25.
    Homogeneous,
    /// 0.75 to 1.
    Heterogeneous,
    /// 0 to 1.
    Any,
}

const LOW: (f64, f64) = (0.0, 0.25);
const HIGH: (f64, f64) = (0.75, 1.0);
const WHOLE: (f64, f64) = (0.0, 1.0);

impl ShapeLevel {
    /// Its ends.
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
    /// Its ends.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Homogeneous => LOW,
            Self::Heterogeneous => HIGH,
            Self::Any => WHOLE,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Abnormal => "abnormal",
        })
    }
}

impl fmt::Display for ShapeLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Regular => "regular",
            Self::Irregular => "irregular",
            Self::Any => "any shape",
        })
    }
}

impl fmt::Display for TextureLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Homogeneous => "homogeneous",
            Self::Heterogeneous => "heterogeneous",
            Self::Any => "any texture",
        })
    }
}
