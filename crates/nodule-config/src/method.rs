//! The attribution methods by name, and the unit of their maps. `nodule-explain` implements them.

use std::fmt;
use std::str::FromStr;

use nodule_error::{InvalidInput, invalid_value, one_of};
use serde::{Deserialize, Serialize};

use MapUnit::{Decision, PerIntensity, Relative, WindowDecision};

methods! {
    /// Gradient of the decision score with respect to the pixels.
    Gradient = "gradient", PerIntensity;
    /// Gradient times pixel intensity.
    GradientXInput = "gradient-x-input", Decision;
    /// Mean gradient over 16 copies of the image with Gaussian noise of standard deviation 0.05.
    SmoothGrad = "smooth-grad", PerIntensity;
    /// Integrated gradients from a black baseline, 16 steps.
    IntegratedGradients = "integrated-gradients", Decision;
    /// Grad-CAM of the last convolution.
    GradCam = "grad-cam", Relative;
    /// Occlusion by windows an eighth of the image wide, half a window apart, filled with the image's mean.
    Occlusion = "occlusion", WindowDecision;
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = InvalidInput;

    fn from_str(value: &str) -> Result<Self, InvalidInput> {
        let found = Self::ALL.into_iter().find(|m| m.name() == value);
        found.ok_or_else(|| invalid_value("method", value, one_of(Self::ALL.map(Self::name))))
    }
}

/// Defines [`Method`]: variant, name in files and tables, and unit of the maps.
macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident = $name:literal, $unit:ident;)+) => {
        /// An attribution method, with its default settings. Serialised by its name.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Method {
            $(
                $(#[$doc])*
                #[serde(rename = $name)]
                $method,
            )+
        }

        impl Method {
            /// All methods, in the order of the tables.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$method),+];

            /// Returns the name in files and tables, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$method => $name,)+
                }
            }

            /// Returns the unit of the values of its maps.
            #[must_use]
            pub fn unit(self) -> MapUnit {
                match self {
                    $(Self::$method => $unit,)+
                }
            }
        }
    };
}
use methods;

/// The unit of a map's values. Maps of different units must not share a colour scale, and only some of them predict
/// how a decision score changes. Serialised in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapUnit {
    /// Change of the decision score per unit of intensity of a pixel.
    PerIntensity,
    /// Contribution of a pixel to the decision score, relative to a black pixel. For a complete method the sum over
    /// all pixels is the score of the image minus the score of a black image.
    Decision,
    /// Decrease of the decision score when the window around a pixel is covered. It belongs to the whole window;
    /// windows overlap, so pixels do not add up.
    WindowDecision,
    /// No unit: values compare only within one map.
    Relative,
}

impl MapUnit {
    /// Returns the title of a picture's axis or colour scale.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::PerIntensity => "decision value per intensity",
            Self::Decision => "decision value",
            Self::WindowDecision => "decision value of a window",
            Self::Relative => "no unit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_to_its_method() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        let message = "saliency".parse::<Method>().unwrap_err().to_string();
        assert!(
            message.starts_with("method = saliency: must be one of gradient, "),
            "{message}"
        );
    }
}
