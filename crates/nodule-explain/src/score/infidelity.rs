//! Infidelity.

use candle_core::Tensor;

use crate::error::{check_images, check_maps, setting, shape_text};
use crate::model::decisions;
use crate::{Error, MapUnit, Model};

/// A pixel of at most this share of the image's largest is black but for rounding.
const ROUNDING: f32 = f32::EPSILON;

/// The mean over `perturbations` (each as large as `images`) of
/// `(sum(perturbation * slope) - (decision(image) - decision(image - perturbation)))^2`, `[n]` (Yeh
/// et al. 2019, definition 2.1), in squares of the decision value. 0 for a map that predicts every
/// change of the decision.
///
/// The slope is what the map says of one intensity, so it depends on the map's `unit`. A map per
/// intensity is its own slope. One in decision values, as gradient x input, is divided by the image;
/// where that is black it says nothing, and such pixels are left as they are. Maps of windows or
/// without a unit say nothing of single intensities: none.
///
/// # Errors
/// [`Error::Setting`] if images, maps or decisions are not what they should be (as
/// [`gradient`](crate::method::gradient())), or there is no perturbation or one is not as large as the
/// images; or if the device fails.
pub fn infidelity(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    maps: &Tensor,
    unit: MapUnit,
    perturbations: &[Tensor],
) -> Result<Option<Vec<f32>>, Error> {
    check_images(images)?;
    check_maps(maps, images)?;
    if perturbations.is_empty() {
        return Err(setting("perturbations", 0, "at least 1"));
    }
    if let Some(other) = perturbations.iter().find(|p| p.dims() != images.dims()) {
        let allowed = format!("{}, as the images", shape_text(images));
        return Err(setting("perturbation", shape_text(other), &allowed));
    }
    let (slopes, seen) = match unit {
        MapUnit::PerIntensity => (maps.clone(), None),
        MapUnit::Decision => {
            let (slopes, seen) = per_intensity(images, maps)?;
            (slopes, Some(seen))
        }
        MapUnit::WindowDecision | MapUnit::Relative => return Ok(None),
    };
    let before = decisions(model, images)?;
    let mut sum = before.zeros_like()?;
    for perturbation in perturbations {
        let perturbation = match &seen {
            Some(seen) => perturbation.mul(seen)?,
            None => perturbation.clone(),
        };
        let expected = slopes.mul(&perturbation)?.sum((1, 2, 3))?;
        let change = (&before - decisions(model, &images.sub(&perturbation)?)?)?;
        sum = sum.add(&(expected - change)?.sqr()?)?;
    }
    Ok(Some((sum / perturbations.len() as f64)?.to_vec1()?))
}

/// Maps over images, 0 where an image is black; and 1 where it is not, else 0.
fn per_intensity(images: &Tensor, maps: &Tensor) -> Result<(Tensor, Tensor), Error> {
    let (pixels, values) = (
        images.flatten_from(1)?.to_vec2::<f32>()?,
        maps.flatten_from(1)?.to_vec2::<f32>()?,
    );
    let (mut slopes, mut seen) = (Vec::new(), Vec::new());
    for (image, map) in pixels.iter().zip(&values) {
        let largest = image.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        for (x, value) in image.iter().zip(map) {
            let black = x.abs() <= ROUNDING * largest;
            slopes.push(if black { 0.0 } else { value / x });
            seen.push(if black { 0.0f32 } else { 1.0 });
        }
    }
    let tensor = |v: Vec<f32>| Tensor::from_vec(v, images.dims(), images.device());
    Ok((tensor(slopes)?, tensor(seen)?))
}
