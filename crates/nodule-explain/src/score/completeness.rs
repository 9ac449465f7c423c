//! The completeness gap.

use candle_core::Tensor;

use crate::error::{check_images, check_maps, setting};
use crate::model::decisions;
use crate::{Error, Model};

/// A change of the decision of at most this share of the decisions is rounding.
const ROUNDING: f32 = 4.0 * f32::EPSILON;

/// How far `maps` are from complete (Sundararajan et al. 2017, the axiom of completeness), `[n]`:
/// `|sum(map) - change| / |change|` with the change `decision(image) - decision(baseline)`, where the
/// baseline is an image of that intensity everywhere. 0 for integrated gradients along the whole
/// path, and what is left is the error of its steps; a map of another unit than
/// [`Decision`](crate::MapUnit::Decision) has no reason to be near 0. None where the decision does
/// not change but for rounding: no share of nothing can be missing.
///
/// # Errors
/// [`Error::Setting`] if `baseline` is not finite, or images, maps or decisions are not what they
/// should be (as [`gradient`](crate::method::gradient())); or if the device fails.
pub fn completeness_gap(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    maps: &Tensor,
    baseline: f64,
) -> Result<Vec<Option<f32>>, Error> {
    if !baseline.is_finite() {
        return Err(setting("baseline", baseline, "a finite intensity"));
    }
    check_images(images)?;
    check_maps(maps, images)?;
    let decided = |images: &Tensor| -> Result<Vec<f32>, Error> {
        Ok(decisions(model, images)?.to_vec1::<f32>()?)
    };
    let (at_image, at_baseline) = (decided(images)?, decided(&images.affine(0.0, baseline)?)?);
    let maps = maps.flatten_from(1)?.to_vec2::<f32>()?;
    let sums = maps
        .iter()
        .map(|map| map.iter().map(|v| f64::from(*v)).sum());
    let gap = |((image, baseline), sum): ((&f32, &f32), f64)| {
        let change = f64::from(*image) - f64::from(*baseline);
        let least = f64::from(ROUNDING * image.abs().max(baseline.abs()));
        (change.abs() > least).then(|| ((sum - change) / change).abs() as f32)
    };
    Ok(at_image
        .iter()
        .zip(&at_baseline)
        .zip(sums)
        .map(gap)
        .collect())
}
