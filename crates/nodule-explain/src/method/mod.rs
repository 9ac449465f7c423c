//! The methods, one a file, and their names.

mod activation_maximisation;
mod grad_cam;
mod gradient;
mod gradient_x_input;
mod integrated_gradients;
mod occlusion;
mod smooth_grad;

use std::fmt;
use std::str::FromStr;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::error::{check_images, finite};
use crate::{Convolutional, Error};

pub use activation_maximisation::{ActivationMaximum, activation_maximisation};
pub use grad_cam::grad_cam;
pub use gradient::gradient;
pub use gradient_x_input::gradient_x_input;
pub use integrated_gradients::integrated_gradients;
pub use occlusion::occlusion;
pub use smooth_grad::{noise, smooth_grad, smooth_grad_over};

/// Images that go through a model together.
const BATCH: usize = 64;
/// Defaults of [`attribute`] (*ours*).
const SMOOTH_SAMPLES: usize = 16;
const SMOOTH_SIGMA: f64 = 0.05;
const PATH_STEPS: usize = 16;

/// A method that gives each image a map. Serialised and spelled in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// [`gradient`].
    Gradient,
    /// [`gradient_x_input`].
    GradientXInput,
    /// [`smooth_grad`]: 16 samples, noise of standard deviation 0.05.
    SmoothGrad,
    /// [`integrated_gradients`]: from black, 16 steps.
    IntegratedGradients,
    /// [`grad_cam`].
    GradCam,
    /// [`occlusion`]: windows an eighth of the image wide, half a window apart, filled with the
    /// image's mean.
    Occlusion,
}

impl Method {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] = [
        Self::Gradient,
        Self::GradientXInput,
        Self::SmoothGrad,
        Self::IntegratedGradients,
        Self::GradCam,
        Self::Occlusion,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::GradientXInput => "gradient-x-input",
            Self::SmoothGrad => "smooth-grad",
            Self::IntegratedGradients => "integrated-gradients",
            Self::GradCam => "grad-cam",
            Self::Occlusion => "occlusion",
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
        found.ok_or_else(|| Error::Setting {
            field: "method",
            value: value.to_owned(),
            allowed: format!("one of {}", Self::ALL.map(Self::name).join(", ")),
        })
    }
}

/// Maps `[n, c, h, w]` of `images` by `method` with its default settings. `seed` decides the noise
/// of `SmoothGrad` and nothing else.
///
/// # Errors
/// As the method itself.
pub fn attribute(
    method: Method,
    model: &impl Convolutional,
    images: &Tensor,
    seed: u64,
) -> Result<Tensor, Error> {
    match method {
        Method::Gradient => gradient(model, images),
        Method::GradientXInput => gradient_x_input(model, images),
        Method::SmoothGrad => smooth_grad(model, images, SMOOTH_SAMPLES, SMOOTH_SIGMA, seed),
        Method::IntegratedGradients => integrated_gradients(model, images, 0.0, PATH_STEPS),
        Method::GradCam => grad_cam(model, images),
        Method::Occlusion => {
            let (_, _, height, width) = images.dims4()?;
            let window = (height.min(width) / 8).max(1);
            occlusion(model, images, window, window.div_ceil(2), None)
        }
    }
}

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
