//! Gaussian noise for `SmoothGrad` and for the metrics that perturb images.

use candle_core::Tensor;
use nodule_seed::{derive, stream};

use crate::Error;
use crate::check::check_images;
use crate::error::invalid;

/// Returns independent Gaussian noise of standard deviation `sigma`, in intensities, with the shape of `images`. The
/// noise of image `i` depends on `seed` and `i` only.
///
/// # Errors
/// [`Error::Input`] if `sigma` is negative or not finite, or the images are not `[n, c, h, w]` of finite f32; or if the
/// device fails.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use nodule_explain::gaussian_noise;
///
/// let images = Tensor::zeros((2, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// let noise = gaussian_noise(&images, 0.1, 7)?;
/// let first = gaussian_noise(&images.narrow(0, 0, 1)?, 0.1, 7)?;
/// assert_eq!(noise.get(0)?.to_vec3::<f32>()?, first.get(0)?.to_vec3::<f32>()?);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
pub fn gaussian_noise(images: &Tensor, sigma: f64, seed: u64) -> Result<Tensor, Error> {
    if !(sigma.is_finite() && sigma >= 0.0) {
        return Err(invalid("sigma", sigma, "at least 0"));
    }
    check_images(images)?;
    let n = images.dim(0)?;
    let pixels = images.elem_count() / n;
    let values: Vec<f32> = (0..n)
        .flat_map(|i| {
            let mut random = stream(derive(seed, &["noise", &i.to_string()]));
            (0..pixels).map(move |_| (sigma * random.normal()) as f32)
        })
        .collect();
    Ok(Tensor::from_vec(values, images.dims(), images.device())?)
}
