//! Infidelity of attribution maps.

use candle_core::Tensor;

use crate::check::{check_at_least_one, check_images, check_maps, describe_shape};
use crate::error::invalid;
use crate::model::decide;
use crate::{Error, MapUnit, Model};

/// A pixel of at most this share of its image's largest counts as black.
const RELATIVE_TOLERANCE: f32 = f32::EPSILON;

/// Returns the infidelity of each map (Yeh et al. 2019, definition 2.1), `[n]`: the mean over `perturbations`, each with
/// the shape of `images`, of `(sum(perturbation * slope) - (decision(image) - decision(image - perturbation)))^2`, in
/// squared decision scores. It is 0 for a map that predicts every change of the decision.
///
/// The slope is the map's change of the decision score per unit of intensity, so it depends on the map's `unit`. A map
/// per intensity is its own slope. A map in decision scores, such as gradient times input, is divided by the image;
/// black pixels, where this is undefined, are not perturbed. `None` for the other units, which define no slope.
///
/// # Errors
/// [`Error::Input`] if maps or perturbations do not have the shape of the images, or there is no perturbation;
/// otherwise as [`Attribution::attribute`](crate::Attribution::attribute).
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::metrics::infidelity;
/// use nodule_explain::{Attribution, Gradient, Method, gaussian_noise};
///
/// let sum = |images: &Tensor| images.sum((1, 2, 3));
/// let images = Tensor::new(&[[[[0.5f32, 1.0]]]], &Device::Cpu)?;
/// let maps = Gradient.attribute(&sum, &images)?;
/// let noise = [gaussian_noise(&images, 0.1, 7)?];
/// let found = infidelity(&sum, &images, &maps, Method::Gradient.unit(), &noise)?.unwrap();
/// assert!(found[0] < 1e-9); // exact for a linear model
/// # Ok::<(), nodule_explain::Error>(())
/// ```
pub fn infidelity(
    model: &dyn Model,
    images: &Tensor,
    maps: &Tensor,
    unit: MapUnit,
    perturbations: &[Tensor],
) -> Result<Option<Vec<f32>>, Error> {
    check_images(images)?;
    check_maps(maps, images)?;
    check_at_least_one("perturbations", perturbations.len())?;
    if let Some(other) = perturbations.iter().find(|p| p.dims() != images.dims()) {
        let allowed = format!("{}, like the images", describe_shape(images));
        return Err(invalid("perturbation", describe_shape(other), &allowed));
    }
    let (slopes, not_black) = match unit {
        MapUnit::PerIntensity => (maps.clone(), None),
        MapUnit::Decision => {
            let (slopes, not_black) = divide_by_images(maps, images)?;
            (slopes, Some(not_black))
        }
        MapUnit::WindowDecision | MapUnit::Relative => return Ok(None),
    };
    let before = decide(model, images)?;
    let mut sum = before.zeros_like()?;
    for perturbation in perturbations {
        let perturbation = match &not_black {
            Some(not_black) => perturbation.mul(not_black)?,
            None => perturbation.clone(),
        };
        let predicted = slopes.mul(&perturbation)?.sum((1, 2, 3))?;
        let change = (&before - decide(model, &images.sub(&perturbation)?)?)?;
        sum = sum.add(&(predicted - change)?.sqr()?)?;
    }
    Ok(Some((sum / perturbations.len() as f64)?.to_vec1()?))
}

/// Returns `maps / images`, 0 at black pixels; and a mask that is 0 at black pixels and 1 elsewhere.
fn divide_by_images(maps: &Tensor, images: &Tensor) -> Result<(Tensor, Tensor), Error> {
    let pixels = images.flatten_from(1)?.to_vec2::<f32>()?;
    let values = maps.flatten_from(1)?.to_vec2::<f32>()?;
    let (mut slopes, mut not_black) = (Vec::new(), Vec::new());
    for (image, map) in pixels.iter().zip(&values) {
        let largest = image.iter().fold(0.0f32, |max, x| max.max(x.abs()));
        for (x, value) in image.iter().zip(map) {
            let is_black = x.abs() <= RELATIVE_TOLERANCE * largest;
            slopes.push(if is_black { 0.0 } else { value / x });
            not_black.push(if is_black { 0.0f32 } else { 1.0 });
        }
    }
    let tensor = |v: Vec<f32>| Tensor::from_vec(v, images.dims(), images.device());
    Ok((tensor(slopes)?, tensor(not_black)?))
}
