//! The methods, one a file, and their names.
//!
//! A method is one file, its `mod` line, and one line of the list below.

mod activation_maximisation;
mod grad_cam;
mod gradient;
mod gradient_x_input;
mod integrated_gradients;
mod occlusion;
mod smooth_grad;
mod unit;

use std::fmt;
use std::str::FromStr;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::error::{check_images, finite, setting};
use crate::{Convolutional, Error, Model};
use Explain::{AnyModel, FeatureMaps};
use MapUnit::{Decision, PerIntensity, Relative, WindowDecision};

pub use activation_maximisation::{ActivationMaximum, activation_maximisation};
pub use grad_cam::grad_cam;
pub use gradient::gradient;
pub use gradient_x_input::gradient_x_input;
pub use integrated_gradients::integrated_gradients;
pub use occlusion::occlusion;
pub use smooth_grad::{noise, smooth_grad, smooth_grad_over};
pub use unit::MapUnit;

methods! {
    /// [`gradient`].
    Gradient = "gradient", PerIntensity, AnyModel(gradient::with_defaults);
    /// [`gradient_x_input`].
    GradientXInput = "gradient-x-input", Decision, AnyModel(gradient_x_input::with_defaults);
    /// [`smooth_grad`]: 16 samples, noise of standard deviation 0.05.
    SmoothGrad = "smooth-grad", PerIntensity, AnyModel(smooth_grad::with_defaults);
    /// [`integrated_gradients`]: from black, 16 steps.
    IntegratedGradients = "integrated-gradients", Decision, AnyModel(integrated_gradients::with_defaults);
    /// [`grad_cam`].
    GradCam = "grad-cam", Relative, FeatureMaps(grad_cam::with_defaults);
    /// [`occlusion`]: windows an eighth of the image wide, half a window apart, filled with the
    /// image's mean.
    Occlusion = "occlusion", WindowDecision, AnyModel(occlusion::with_defaults);
}

impl Method {
    /// Whether `model` has what the method needs: Grad-CAM needs feature maps, the others nothing.
    #[must_use]
    pub fn applies_to(self, model: &dyn Model) -> bool {
        match self.explain() {
            AnyModel(_) => true,
            FeatureMaps(_) => model.as_convolutional().is_some(),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(value: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|m| m.name() == value);
        let allowed = || format!("one of {}", Self::ALL.map(Self::name).join(", "));
        found.ok_or_else(|| setting("method", value, &allowed()))
    }
}

/// Maps `[n, c, h, w]` of `images` by `method` with its default settings, in its
/// [`unit`](Method::unit). `seed` decides the noise of `SmoothGrad` and nothing else.
///
/// # Errors
/// [`Error::Setting`] if the model lacks what the method needs ([`Method::applies_to`]); else as the
/// method itself.
pub fn attribute(
    method: Method,
    model: &dyn Model,
    images: &Tensor,
    seed: u64,
) -> Result<Tensor, Error> {
    match method.explain() {
        AnyModel(explain) => explain(model, images, seed),
        FeatureMaps(explain) => {
            let needed = "a method that any model has: this model has no feature maps";
            let model = model.as_convolutional();
            let model = model.ok_or_else(|| setting("method", method, needed))?;
            explain(model, images, seed)
        }
    }
}

/// A method with its defaults, by what it asks of a model.
enum Explain {
    AnyModel(fn(&dyn Model, &Tensor, u64) -> Result<Tensor, Error>),
    FeatureMaps(fn(&dyn Convolutional, &Tensor, u64) -> Result<Tensor, Error>),
}

/// The type [`Method`] from the list: spelling, unit of the maps, and function.
macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident = $name:literal, $unit:ident, $explain:expr;)+) => {
        /// A method that gives each image a map. Serialised and spelled in kebab case.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[non_exhaustive]
        pub enum Method {
            $(
                $(#[$doc])*
                #[serde(rename = $name)]
                $method,
            )+
        }

        impl Method {
            /// All of them, in the order of the tables.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$method),+];

            /// As tables and files spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$method => $name,)+
                }
            }

            /// What the numbers of its maps are.
            #[must_use]
            pub fn unit(self) -> MapUnit {
                match self {
                    $(Self::$method => $unit,)+
                }
            }

            fn explain(self) -> Explain {
                match self {
                    $(Self::$method => $explain,)+
                }
            }
        }
    };
}
use methods;

/// Images that go through a model together.
const BATCH: usize = 64;

/// Applies `explain` to a batch of images at a time, and refuses maps that are not finite.
fn in_batches(
    images: &Tensor,
    explain: impl Fn(&Tensor) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    check_images(images)?;
    let n = images.dim(0)?;
    let batches = (0..n).step_by(BATCH);
    let maps = batches.map(|start| explain(&images.narrow(0, start, BATCH.min(n - start))?));
    let maps = maps.collect::<Result<Vec<_>, _>>()?;
    finite("map", Tensor::cat(&maps, 0)?)
}
