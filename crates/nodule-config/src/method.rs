//! The attribution methods by name, and the unit of their maps. `nodule-explain` implements them.

use nodule_error::{InvalidInput, invalid_value, one_of};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantNames};

/// An attribution method, with its default settings. Displayed, parsed and serialised by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, EnumCount, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidInput, parse_err_fn = unknown_method)]
pub enum Method {
    /// Gradient of the decision score with respect to the pixels.
    Gradient,
    /// Gradient times pixel intensity.
    GradientXInput,
    /// Mean gradient over 16 copies of the image with Gaussian noise of standard deviation 0.05.
    SmoothGrad,
    /// Integrated gradients from a black baseline, 16 steps.
    IntegratedGradients,
    /// Grad-CAM of the last convolution.
    GradCam,
    /// Occlusion by windows an eighth of the image wide, half a window apart, filled with the image's mean.
    Occlusion,
}

fn unknown_method(name: &str) -> InvalidInput {
    invalid_value("method", name, one_of(Method::VARIANTS)).suggest_value(Method::VARIANTS)
}

impl Method {
    /// All methods, in the order of the tables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Gradient,
        Self::GradientXInput,
        Self::SmoothGrad,
        Self::IntegratedGradients,
        Self::GradCam,
        Self::Occlusion,
    ];

    /// The name in files and tables, such as `grad-cam`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the unit of the values of its maps.
    #[must_use]
    pub fn unit(self) -> MapUnit {
        match self {
            Self::Gradient | Self::SmoothGrad => MapUnit::PerIntensity,
            Self::GradientXInput | Self::IntegratedGradients => MapUnit::Decision,
            Self::GradCam => MapUnit::Relative,
            Self::Occlusion => MapUnit::WindowDecision,
        }
    }
}

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
            Self::PerIntensity => "decision score per intensity",
            Self::Decision => "decision score",
            Self::WindowDecision => "decision score of a window",
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
