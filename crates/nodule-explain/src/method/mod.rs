//! The attribution methods, one per file, and the function of each [`Method`].

mod activation_maximisation;
mod grad_cam;
mod gradient;
mod gradient_x_input;
mod integrated_gradients;
mod occlusion;
mod smooth_grad;

use candle_core::Tensor;
pub use nodule_config::{MapUnit, Method};

use crate::error::{check_images, finite, setting};
use crate::{Convolutional, Error, Model};
use Explain::{AnyModel, FeatureMaps};

pub use activation_maximisation::{ActivationMaximum, activation_maximisation};
pub use grad_cam::grad_cam;
pub use gradient::gradient;
pub use gradient_x_input::gradient_x_input;
pub use integrated_gradients::integrated_gradients;
pub use occlusion::occlusion;
pub use smooth_grad::{noise, smooth_grad, smooth_grad_over};

/// Returns the function of a method, with its default settings.
fn explain(method: Method) -> Explain {
    match method {
        Method::Gradient => AnyModel(gradient::with_defaults),
        Method::GradientXInput => AnyModel(gradient_x_input::with_defaults),
        Method::SmoothGrad => AnyModel(smooth_grad::with_defaults),
        Method::IntegratedGradients => AnyModel(integrated_gradients::with_defaults),
        Method::GradCam => FeatureMaps(grad_cam::with_defaults),
        Method::Occlusion => AnyModel(occlusion::with_defaults),
    }
}

/// Returns whether `model` has what the method needs: Grad-CAM needs feature maps, the other methods nothing.
#[must_use]
pub fn applies_to(method: Method, model: &dyn Model) -> bool {
    match explain(method) {
        AnyModel(_) => true,
        FeatureMaps(_) => model.as_convolutional().is_some(),
    }
}

/// Maps `[n, c, h, w]` of `images` by `method` with its default settings, in its
/// [`unit`](Method::unit). `seed` decides the noise of `SmoothGrad` and nothing else.
///
/// # Errors
/// [`Error::Setting`] if the model lacks what the method needs ([`applies_to`]); else as the
/// method itself.
pub fn attribute(
    method: Method,
    model: &dyn Model,
    images: &Tensor,
    seed: u64,
) -> Result<Tensor, Error> {
    match explain(method) {
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
