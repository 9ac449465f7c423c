//! Kinds of maps of single images: an attribution method, or activation maximisation of a class.

use std::fmt;
use std::str::FromStr;

use candle_core::Tensor;
use nodule_config::{MapUnit, Method};
use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_explain::{ActivationMaximisation, Model, default_attribution};

use crate::measure::DecisionModel;

/// Name of the method that shows a class.
const ACTIVATION_MAXIMISATION: &str = "activation-maximisation";
/// Number of gradient steps (*ours*).
const STEPS: usize = 50;
/// Root mean square of a step, in intensities (*ours*).
const STEP_SIZE: f64 = 0.01;
/// Weight of the penalty on the distance to the start (*ours*).
const PENALTY: f64 = 0.1;

/// Kind of maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// Attribution map of each image.
    Attribution(Method),
    /// Change of each image by activation maximisation.
    ActivationMaximisation {
        /// Class: 0 normal, 1 abnormal.
        class: u8,
    },
}

impl MapKind {
    /// Parses `--method` and `--class`.
    ///
    /// # Errors
    /// For an unknown method or class, and for a class that is missing or has no effect.
    ///
    /// ```
    /// use nodule_config::Method;
    /// use nodule_run::MapKind;
    ///
    /// assert_eq!(MapKind::parse("gradient", None)?, MapKind::Attribution(Method::Gradient));
    /// let maximisation = MapKind::parse("activation-maximisation", Some(1))?;
    /// assert_eq!(maximisation.to_string(), "activation-maximisation of class 1");
    /// # Ok::<(), nodule_error::InvalidInput>(())
    /// ```
    pub fn parse(method: &str, class: Option<u8>) -> Result<Self, InvalidInput> {
        let parsed = match (method, class) {
            (ACTIVATION_MAXIMISATION, Some(class @ 0..=1)) => {
                Ok(Self::ActivationMaximisation { class })
            }
            (ACTIVATION_MAXIMISATION, class) => {
                let value = class.map_or_else(|| "none".to_owned(), |c| c.to_string());
                Err(invalid_value(
                    "--class",
                    value,
                    "0 (normal) or 1 (abnormal)",
                ))
            }
            (name, class) => match (Method::from_str(name), class) {
                (Ok(method), None) => Ok(Self::Attribution(method)),
                (Ok(method), Some(_)) => {
                    let reason = format!(
                        "has no effect on --method {method}; remove it, or use {ACTIVATION_MAXIMISATION}"
                    );
                    Err(conflict("--class", reason))
                }
                (Err(_), _) => {
                    let names = Method::ALL.map(Method::name).into_iter();
                    let names = names.chain([ACTIVATION_MAXIMISATION]);
                    let error = invalid_value("--method", name, one_of(names.clone()));
                    Err(error.suggest_value(names))
                }
            },
        };
        parsed.map_err(|e| e.at("command line"))
    }

    /// Returns what the colours of the maps mean, a sentence without its full stop.
    pub(super) fn legend(self) -> String {
        match self {
            Self::Attribution(_) => {
                "Red raises the decision score (abnormal above 0), blue lowers it".to_owned()
            }
            Self::ActivationMaximisation { class } => format!(
                "The map is the change of the image after {STEPS} steps of gradient ascent towards class {class} ({}): red where it becomes brighter, blue where darker",
                if class == 1 { "abnormal" } else { "normal" }
            ),
        }
    }

    /// Returns the unit of the maps.
    pub(super) fn unit(self) -> MapUnit {
        match self {
            Self::Attribution(method) => method.unit(),
            Self::ActivationMaximisation { .. } => MapUnit::Relative,
        }
    }

    /// Computes maps of `images` `[n, 1, s, s]`, of the same shape.
    pub(super) fn compute(
        self,
        decision: &DecisionModel,
        images: &Tensor,
        noise_seed: u64,
    ) -> Result<Tensor, nodule_explain::Error> {
        match self {
            Self::Attribution(method) => {
                default_attribution(method, noise_seed).attribute(decision, images)
            }
            Self::ActivationMaximisation { class } => maximise_class(decision, images, class),
        }
    }
}

/// Returns the change of each image. Images are maximised one by one, since the step is normalised over a batch.
fn maximise_class(
    model: &dyn Model,
    images: &Tensor,
    class: u8,
) -> Result<Tensor, nodule_explain::Error> {
    let settings = ActivationMaximisation {
        class,
        steps: STEPS,
        step_size: STEP_SIZE,
        penalty: PENALTY,
    };
    let changes = (0..images.dim(0)?).map(|i| {
        let start = images.narrow(0, i, 1)?;
        let maximum = settings.maximise(model, &start)?;
        Ok((maximum.image - start)?)
    });
    let changes = changes.collect::<Result<Vec<_>, nodule_explain::Error>>()?;
    Ok(Tensor::cat(&changes, 0)?)
}

impl fmt::Display for MapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribution(method) => write!(f, "{method}"),
            Self::ActivationMaximisation { class } => {
                write!(f, "{ACTIVATION_MAXIMISATION} of class {class}")
            }
        }
    }
}
