//! The attribution methods: a trait, one type of settings per method, and the default settings by name.

mod grad_cam;
mod gradient;
mod gradient_x_input;
mod integrated_gradients;
mod occlusion;
mod smooth_grad;

use std::fmt;

use candle_core::Tensor;
use nodule_config::Method;

use crate::check::{check_images, require_finite};
use crate::{Error, Model};

pub use grad_cam::GradCam;
pub use gradient::Gradient;
pub(crate) use gradient::gradient_of_batch;
pub use gradient_x_input::GradientXInput;
pub use integrated_gradients::IntegratedGradients;
pub use occlusion::Occlusion;
pub use smooth_grad::{SmoothGrad, mean_noisy_gradient};

/// An attribution method with its settings.
pub trait Attribution: fmt::Debug + Send + Sync {
    /// Returns the maps `[n, c, h, w]` of `images` `[n, c, h, w]`. A positive value means that more intensity of the
    /// pixel raises the decision score.
    ///
    /// # Errors
    /// [`Error::Input`] for invalid settings, for images that are not `[n, c, h, w]` of finite f32, and for a model
    /// without one differentiable decision score per image; [`Error::NotFinite`] for a decision or a map that is not
    /// finite; or if the images do not fit the model or the device fails.
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error>;
}

/// Returns the method with its default settings. `seed` determines the noise of `SmoothGrad` and is otherwise unused.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use nodule_explain::{Method, applies_to, default_attribution};
///
/// let model = |images: &Tensor| images.sqr()?.sum((1, 2, 3));
/// let images = Tensor::ones((2, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// for method in Method::ALL {
///     if applies_to(method, &model) {
///         let maps = default_attribution(method, 7).attribute(&model, &images)?;
///         assert_eq!(maps.dims(), images.dims());
///     }
/// }
/// # Ok::<(), nodule_explain::Error>(())
/// ```
#[must_use]
pub fn default_attribution(method: Method, seed: u64) -> Box<dyn Attribution> {
    match method {
        Method::Gradient => Box::new(Gradient),
        Method::GradientXInput => Box::new(GradientXInput),
        Method::SmoothGrad => Box::new(SmoothGrad {
            seed,
            ..SmoothGrad::default()
        }),
        Method::IntegratedGradients => Box::new(IntegratedGradients::default()),
        Method::GradCam => Box::new(GradCam),
        Method::Occlusion => Box::new(Occlusion::default()),
    }
}

/// Returns whether the method can explain `model`: Grad-CAM needs feature maps, the other methods nothing.
#[must_use]
pub fn applies_to(method: Method, model: &dyn Model) -> bool {
    method != Method::GradCam || model.has_feature_maps()
}

/// Images that pass through a model together.
const BATCH: usize = 64;

/// Applies `attribute` batch by batch, and checks that the maps are finite.
fn in_batches(
    images: &Tensor,
    attribute: impl Fn(&Tensor) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    check_images(images)?;
    let n = images.dim(0)?;
    let maps: Vec<_> = (0..n)
        .step_by(BATCH)
        .map(|start| attribute(&images.narrow(0, start, BATCH.min(n - start))?))
        .collect::<Result<_, _>>()?;
    require_finite("map", Tensor::cat(&maps, 0)?)
}
