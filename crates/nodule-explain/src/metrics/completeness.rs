//! Completeness gap of attribution maps.

use candle_core::Tensor;

use crate::check::{check_baseline, check_images, check_maps};
use crate::model::decide;
use crate::{Error, Model};

/// A change of at most this share of the decision scores is rounding.
const RELATIVE_TOLERANCE: f32 = 4.0 * f32::EPSILON;

/// Returns the completeness gap of each map, `[n]`: `|sum(map) - change| / |change|` with
/// `change = decision(image) - decision(baseline)` (axiom of completeness: Sundararajan et al. 2017).
///
/// The baseline is an image with intensity `baseline` everywhere. For integrated gradients the gap is the error of the
/// finite number of steps. For maps of another unit than [`Decision`](crate::MapUnit::Decision) it has no meaning.
/// `None` if the decision does not change beyond rounding.
///
/// # Errors
/// [`Error::Input`] if `baseline` is not finite or the maps do not have the shape of the images; otherwise as
/// [`Attribution::attribute`](crate::Attribution::attribute).
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::metrics::completeness_gap;
/// use nodule_explain::{Attribution, GradientXInput};
///
/// let sum = |images: &Tensor| images.sum((1, 2, 3));
/// let images = Tensor::new(&[[[[0.5f32, 1.0]]]], &Device::Cpu)?;
/// let maps = GradientXInput.attribute(&sum, &images)?; // complete for a linear model
/// assert_eq!(completeness_gap(&sum, &images, &maps, 0.0)?, [Some(0.0)]);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
pub fn completeness_gap(
    model: &dyn Model,
    images: &Tensor,
    maps: &Tensor,
    baseline: f64,
) -> Result<Vec<Option<f32>>, Error> {
    check_baseline(baseline)?;
    check_images(images)?;
    check_maps(maps, images)?;
    let at_images = decide(model, images)?.to_vec1::<f32>()?;
    let at_baseline = decide(model, &images.affine(0.0, baseline)?)?.to_vec1::<f32>()?;
    let gap = |(map, (image, baseline)): (&Vec<f32>, (&f32, &f32))| {
        let sum: f64 = map.iter().map(|v| f64::from(*v)).sum();
        let change = f64::from(*image) - f64::from(*baseline);
        let rounding = f64::from(RELATIVE_TOLERANCE * image.abs().max(baseline.abs()));
        (change.abs() > rounding).then(|| ((sum - change) / change).abs() as f32)
    };
    let maps = maps.flatten_from(1)?.to_vec2::<f32>()?;
    let scores = at_images.iter().zip(&at_baseline);
    Ok(maps.iter().zip(scores).map(gap).collect())
}
