//! How a network is explained: by a map of each image, or by what it takes for the best of a class.

use std::fmt;
use std::str::FromStr;

use candle_core::Tensor;
use nodule_explain::{Method, Model, activation_maximisation, attribute};

use crate::Error;
use crate::decision::Decision;

/// The name of the method that shows a class and not an image.
const CLASS_MODEL: &str = "activation-maximisation";
/// Gradient steps, their length as root mean square in intensities, and the pull back to the start
/// (*ours*).
const STEPS: usize = 50;
const STEP: f64 = 0.01;
const PENALTY: f64 = 0.1;

/// How to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A map of each image.
    Map(Method),
    /// How each image changes when it is moved towards the best of a class (0 or 1).
    ClassModel {
        /// 0 normal, 1 abnormal.
        class: u8,
    },
}

impl How {
    /// From a method's name, and a class where the method shows one.
    ///
    /// # Errors
    /// [`Error::Setting`] for an unknown method, a class that does not exist, or a class that is missing
    /// or not wanted.
    pub fn named(method: &str, class: Option<u8>) -> Result<Self, Error> {
        let refuse = |field: &str, value: String, allowed: &str| {
            Err(Error::Setting {
                place: "command line".into(),
                field: field.into(),
                value,
                allowed: allowed.into(),
            })
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
                    let names = Method::ALL.map(|m| m.to_string());
                    let allowed = format!("one of {}, {CLASS_MODEL}", names.join(", "));
                    refuse("--method", name.to_owned(), &allowed)
                }
            },
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
            Self::Map(method) => attribute(method, decision, images, seed),
            Self::ClassModel { class } => change(decision, images, class),
        }
    }
}

/// Each image starts on its own: its steps must not depend on its neighbours.
fn change(model: &impl Model, images: &Tensor, class: u8) -> Result<Tensor, nodule_explain::Error> {
    let of_image = |i| {
        let start = images.narrow(0, i, 1)?;
        let best = activation_maximisation(model, &start, class, STEPS, STEP, PENALTY)?;
        Ok((best.image - start)?)
    };
    let changes = (0..images.dim(0)?).map(of_image);
    let changes = changes.collect::<Result<Vec<_>, nodule_explain::Error>>()?;
    Ok(Tensor::cat(&changes, 0)?)
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(method) => write!(f, "{method}"),
            Self::ClassModel { class } => write!(f, "{CLASS_MODEL} of class {class}"),
        }
    }
}
