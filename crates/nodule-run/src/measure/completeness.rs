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
const MAX_STEPS: usize = 1024;
/// Tolerance of each gap, as a share of the score's change (*ours*).
const TOLERANCE: f32 = 0.01;

/// Returns integrated gradients of `images` `[n, 1, s, s]`, of the same shape. Doubles the number of steps of each image
/// from 16 until its gap is below 1%, up to 1024, so no map depends on the other images.
pub(crate) fn attribute_until_complete(
    model: &dyn Model,
    images: &Tensor,
) -> Result<(Tensor, Completeness), Error> {
    let (mut maps, mut steps, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..images.dim(0)? {
        let (map, own_steps, gap) = attribute_image(model, &images.narrow(0, i, 1)?)?;
        maps.push(map);
        steps.push(own_steps);
        gaps.push(gap);
    }
    let completeness = Completeness {
        median: median(&gaps),
        steps,
        gaps,
        tolerance: TOLERANCE,
    };
    Ok((Tensor::cat(&maps, 0)?, completeness))
}

/// Returns the map of one image, its steps and its gap.
fn attribute_image(
    model: &dyn Model,
    image: &Tensor,
) -> Result<(Tensor, usize, Option<f32>), Error> {
    let mut steps = MIN_STEPS;
    loop {
        let map = integrate(model, image, steps)?;
        let gap = completeness_gap(model, image, &map, BASELINE)?
            .first()
            .copied()
            .flatten();
        if steps >= MAX_STEPS || gap.is_none_or(|gap| gap < TOLERANCE) {
            return Ok((map, steps, gap));
        }
        steps *= 2;
    }
}

/// Returns integrated gradients from a black image, with its own number of steps for each image.
pub(crate) fn attribute_with_steps(
    model: &dyn Model,
    images: &Tensor,
    steps: &[usize],
) -> Result<Tensor, Error> {
    let maps = steps
        .iter()
        .enumerate()
        .map(|(i, steps)| integrate(model, &images.narrow(0, i, 1)?, *steps));
    Ok(Tensor::cat(&maps.collect::<Result<Vec<_>, Error>>()?, 0)?)
}

fn integrate(model: &dyn Model, images: &Tensor, steps: usize) -> Result<Tensor, Error> {
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
        assert_eq!(found.steps, [16, 16]);
        assert!(found.median.unwrap() < 1e-5);
        // A steep rise at 0.85 of the path lies between the midpoints of few steps.
        let steep = |x: &Tensor| ((x - 0.77)? * 150.0)?.tanh()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&steep, &images).unwrap();
        assert!(
            found.steps[0] > 16 && found.median.unwrap() < 0.01,
            "{found:?}"
        );
        let first = attribute_with_steps(&steep, &images, &[16, 16]).unwrap();
        assert!(median_gap(&steep, &images, &first).unwrap().unwrap() > 0.01);
        // A constant score has no gap, and a discontinuous one has a gap at any number of steps.
        let constant = |x: &Tensor| (x - 5.0)?.relu()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&constant, &images).unwrap();
        assert_eq!((found.steps, found.median), (vec![16, 16], None));
        let jump = |x: &Tensor| ((x - 0.5)? * 1e9)?.tanh()?.sum((1, 2, 3));
        let (_, found) = attribute_until_complete(&jump, &images).unwrap();
        assert_eq!(found.steps, [1024, 1024]);
        assert!(found.median.unwrap() > 0.01);
    }

    #[test]
    fn the_map_of_an_image_does_not_depend_on_the_others() {
        let steep = |x: &Tensor| ((x - 0.77)? * 150.0)?.tanh()?.sum((1, 2, 3));
        let full = |value: f32| Tensor::full(value, (1, 1, 2, 2), &Device::Cpu).unwrap();
        // The score rises on the path to the first image only: the median of all three gaps is small.
        let (dark, bright) = (full(0.3), full(0.9));
        let all = Tensor::cat(&[&bright, &dark, &dark], 0).unwrap();
        let (together, found) = attribute_until_complete(&steep, &all).unwrap();
        let (alone, own) = attribute_until_complete(&steep, &bright).unwrap();
        assert_eq!(found.steps[0], own.steps[0]);
        assert!(found.gaps[0].unwrap() < 0.01, "{found:?}");
        let values = |maps: &Tensor| maps.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values(&together)[..4], values(&alone)[..]);
    }
}
