//! Completeness of integrated gradients: number of steps until the maps sum to the change of the decision score.

use candle_core::Tensor;
use nodule_explain::metrics::completeness_gap;
use nodule_explain::{Attribution, Error, IntegratedGradients, Model};
use nodule_study::records::Completeness;

/// Intensity of the baseline image.
const BASELINE: f64 = 0.0;
/// Initial number of steps (*ours*).
const MIN_STEPS: usize = 16;
/// Largest number of steps (*ours*).
const MAX_STEPS: usize = 256;
/// Tolerance of the median gap, as a share of the score's change (*ours*).
const TOLERANCE: f32 = 0.01;

/// Returns integrated gradients of `images` `[n, 1, s, s]`, of the same shape. Doubles the number of steps from 16 until
/// the median gap is below 1%, up to 256.
pub(crate) fn attribute_until_complete(
    model: &dyn Model,
    images: &Tensor,
) -> Result<(Tensor, Completeness), Error> {
    let mut steps = MIN_STEPS;
    loop {
        let maps = attribute_with_steps(model, images, steps)?;
        let gaps = completeness_gap(model, images, &maps, BASELINE)?;
        let median = median(&gaps);
        if steps >= MAX_STEPS || median.is_none_or(|gap| gap < TOLERANCE) {
            let completeness = Completeness {
                steps,
                gaps,
                median,
                tolerance: TOLERANCE,
            };
            return Ok((maps, completeness));
        }
        steps *= 2;
    }
}

/// Returns integrated gradients from a black image with `steps` steps.
pub(crate) fn attribute_with_steps(
    model: &dyn Model,
    images: &Tensor,
    steps: usize,
) -> Result<Tensor, Error> {
    let baseline = BASELINE;
    IntegratedGradients { steps, baseline }.attribute(model, images)
}

/// Returns the median gap of `maps`, or `None` if no decision score changes.
pub(crate) fn median_gap(
    model: &dyn Model,
    images: &Tensor,
    maps: &Tensor,
) -> Result<Option<f64>, Error> {
    let gaps = completeness_gap(model, images, maps, BASELINE)?;
    Ok(median(&gaps).map(f64::from))
}

/// Returns the median of the defined gaps.
fn median(gaps: &[Option<f32>]) -> Option<f32> {
    let mut defined: Vec<f32> = gaps.iter().copied().flatten().collect();
    defined.sort_by(f32::total_cmp);
    let low = defined.get(defined.len().checked_sub(1)? / 2)?;
    let high = defined.get(defined.len() / 2)?;
    Some(f32::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_median_ignores_undefined_gaps() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[None, None]), None);
        assert_eq!(median(&[Some(3.0), None, Some(1.0)]), Some(2.0));
        assert_eq!(median(&[Some(3.0), Some(9.0), Some(1.0)]), Some(3.0));
    }

    #[test]
    fn steps_double_until_the_maps_are_complete() {
        let images = Tensor::full(0.9f32, (2, 1, 2, 2), &Device::Cpu).unwrap();
        let linear = |x: &Tensor| x.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&linear, &images).unwrap();
        assert_eq!(found.steps, 16);
        assert!(found.median.unwrap() < 1e-5);
        // A steep rise at 0.85 of the path lies between the midpoints of few steps.
        let steep = |x: &Tensor| ((x - 0.77)? * 150.0)?.tanh()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&steep, &images).unwrap();
        assert!(
            found.steps > 16 && found.median.unwrap() < 0.01,
            "{found:?}"
        );
        let first = attribute_with_steps(&steep, &images, 16).unwrap();
        assert!(median_gap(&steep, &images, &first).unwrap().unwrap() > 0.01);
        // A constant score has no gap, and a discontinuous one has a gap at any number of steps.
        let constant = |x: &Tensor| (x - 5.0)?.relu()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&constant, &images).unwrap();
        assert_eq!((found.steps, found.median), (16, None));
        let jump = |x: &Tensor| ((x - 0.5)? * 1e9)?.tanh()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&jump, &images).unwrap();
        assert_eq!(found.steps, 256);
        assert!(found.median.unwrap() > 0.01);
    }
}
