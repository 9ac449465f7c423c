//! How a network is explained: by a map of each image, or by what it takes for the best of a class.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use candle_core::Tensor;
use nodule_error::{invalid_value, one_of};
use nodule_explain::{ActivationMaximisation, MapUnit, Method, Model, default_attribution};

use crate::measure::Decision;

/// The name of the method that shows a class and not an image.
const CLASS_MODEL: &str = "activation-maximisation";
/// Gradient steps, their length as root mean square in intensities, and the pull back to the start
/// (*ours*).
const STEPS: usize = 50;
const STEP: f64 = 0.01;
const PENALTY: f64 = 0.1;

/// What maps show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// A map of each image.
    Map(Method),
    /// How each image changes when it is moved towards the best of a class (0 or 1).
    ClassModel {
        /// 0 normal, 1 abnormal.
        class: u8,
    },
}

impl MapKind {
    /// From a method's name, and a class where the method shows one.
    ///
    /// # Errors
    /// [`Error::Setting`] for an unknown method, a class that does not exist, or a class that is missing
    /// or not wanted.
    pub fn named(method: &str, class: Option<u8>) -> Result<Self, Error> {
        let refuse = |field: &str, value: String, allowed: &str| {
            Err(invalid_value(field, value, allowed)
                .at("command line")
                .into())
        };
        match (method, class) {
            (CLASS_MODEL, Some(class @ 0..=1)) => Ok(Self::ClassModel { class }),
            (CLASS_MODEL, class) => {
                let value = class.map_or_else(|| "none".to_owned(), |c| c.to_string());
                refuse("--class", value, "0 (normal) or 1 (abnormal)")
            }
            (_, Some(class)) => {
                let allowed = format!("none: only {CLASS_MODEL} shows a class");
                refuse("--class", class.to_string(), &allowed)
            }
            (name, None) => match Method::from_str(name) {
                Ok(method) => Ok(Self::Map(method)),
                Err(_) => {
                    let names = Method::ALL.map(Method::name);
                    let all = names.into_iter().chain([CLASS_MODEL]);
                    let refused = invalid_value("--method", name, one_of(all.clone()));
                    Err(refused.suggest_value(all).at("command line").into())
                }
            },
        }
    }

    /// What the maps show, in words.
    pub(super) fn legend(self) -> String {
        match self {
            Self::Map(_) => {
                "Red raises the decision value (abnormal above 0), blue lowers it".to_owned()
            }
            Self::ClassModel { class } => format!(
                "The map is how the image changes when it is moved, by {STEPS} steps of gradient ascent, towards what the network takes for the best of class {class} ({}): red where it gets brighter, blue where darker",
                if class == 1 { "abnormal" } else { "normal" }
            ),
        }
    }

    /// What the values of the maps are in; a class model says nothing of the decision.
    pub(super) fn unit(self) -> MapUnit {
        match self {
            Self::Map(method) => method.unit(),
            Self::ClassModel { .. } => MapUnit::Relative,
        }
    }

    /// Maps of `images` `[n, 1, s, s]`, of the same shape.
    pub(super) fn maps(
        self,
        decision: &Decision,
        images: &Tensor,
        seed: u64,
    ) -> Result<Tensor, nodule_explain::Error> {
        match self {
            Self::Map(method) => default_attribution(method, seed).attribute(decision, images),
            Self::ClassModel { class } => change(decision, images, class),
        }
    }
}

/// Each image starts on its own: its steps must not depend on its neighbours.
fn change(model: &dyn Model, images: &Tensor, class: u8) -> Result<Tensor, nodule_explain::Error> {
    let ascent = ActivationMaximisation {
        class,
        steps: STEPS,
        step_size: STEP,
        penalty: PENALTY,
    };
    let of_image = |i| {
        let start = images.narrow(0, i, 1)?;
        let best = ascent.maximise(model, &start)?;
        Ok((best.image - start)?)
    };
    let changes = (0..images.dim(0)?).map(of_image);
    let changes = changes.collect::<Result<Vec<_>, nodule_explain::Error>>()?;
    Ok(Tensor::cat(&changes, 0)?)
}

impl fmt::Display for MapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(method) => write!(f, "{method}"),
            Self::ClassModel { class } => write!(f, "{CLASS_MODEL} of class {class}"),
        }
    }
}
