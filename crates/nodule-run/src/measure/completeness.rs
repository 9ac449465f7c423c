//! How exact maps of integrated gradients are: whether they add up to the decision's change from black.

use candle_core::Tensor;
use nodule_explain::metrics::completeness_gap;
use nodule_explain::{Attribution, IntegratedGradients, Model};
use nodule_study::records::Completeness;

/// The intensity that the path begins at, everywhere in the image.
const BASELINE: f64 = 0.0;
/// Steps to begin with, and at most (*ours*).
const FEWEST: usize = 16;
const MOST: usize = 256;
/// What the median gap is to be below, as a share (*ours*).
const TOLERANCE: f32 = 0.01;

/// Integrated gradients of `images` `[n, 1, s, s]`, of the same shape, along so many steps that the median
/// gap is below 1%: 16, doubled up to 256 times at most.
///
/// # Errors
/// As the maps themselves.
pub(crate) fn exact_maps(
    model: &dyn Model,
    images: &Tensor,
) -> Result<(Tensor, Completeness), nodule_explain::Error> {
    let mut steps = FEWEST;
    loop {
        let maps = with_steps(model, images, steps)?;
        let gaps = completeness_gap(model, images, &maps, BASELINE)?;
        let median = median(&gaps);
        if steps >= MOST || median.is_none_or(|gap| gap < TOLERANCE) {
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

/// Integrated gradients from black along so many steps.
///
/// # Errors
/// As the maps themselves.
pub(crate) fn with_steps(
    model: &dyn Model,
    images: &Tensor,
    steps: usize,
) -> Result<Tensor, nodule_explain::Error> {
    let baseline = BASELINE;
    IntegratedGradients { steps, baseline }.attribute(model, images)
}

/// The median gap of `maps` that are made already; none where no decision changes.
///
/// # Errors
/// As [`completeness_gap`].
pub(crate) fn median_gap(
    model: &dyn Model,
    images: &Tensor,
    maps: &Tensor,
) -> Result<Option<f64>, nodule_explain::Error> {
    let gaps = completeness_gap(model, images, maps, BASELINE)?;
    Ok(median(&gaps).map(f64::from))
}

/// Of those that there are; the mean of the two in the middle where there is no one.
fn median(gaps: &[Option<f32>]) -> Option<f32> {
    let mut all: Vec<f32> = gaps.iter().copied().flatten().collect();
    all.sort_by(f32::total_cmp);
    let (low, high) = (
        all.get(all.len().checked_sub(1)? / 2)?,
        all.get(all.len() / 2)?,
    );
    Some(f32::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_median_is_of_the_gaps_that_there_are() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[None, None]), None);
        assert_eq!(median(&[Some(3.0), None, Some(1.0)]), Some(2.0));
        assert_eq!(median(&[Some(3.0), Some(9.0), Some(1.0)]), Some(3.0));
    }

    #[test]
    fn steps_double_until_the_maps_add_up() {
        let images = Tensor::full(0.9f32, (2, 1, 2, 2), &Device::Cpu).unwrap();
        let linear = |x: &Tensor| x.sum((1, 2, 3));
        let (_, found) = exact_maps(&linear, &images).unwrap();
        assert_eq!(found.steps, 16);
        assert!(found.median.unwrap() < 1e-5);
        // A step at 0.85 of the path: its steepness lies between the midpoints of few steps.
        let steep = |x: &Tensor| ((x - 0.77)? * 150.0)?.tanh()?.sum((1, 2, 3));
        let (_, found) = exact_maps(&steep, &images).unwrap();
        assert!(
            found.steps > 16 && found.median.unwrap() < 0.01,
            "{found:?}"
        );
        let first = with_steps(&steep, &images, 16).unwrap();
        assert!(median_gap(&steep, &images, &first).unwrap().unwrap() > 0.01);
        // What never changes has no gap, and what jumps has one that no steps mend.
        let constant = |x: &Tensor| (x - 5.0)?.relu()?.sum((1, 2, 3));
        let (_, found) = exact_maps(&constant, &images).unwrap();
        assert_eq!((found.steps, found.median), (16, None));
        let jump = |x: &Tensor| ((x - 0.5)? * 1e9)?.tanh()?.sum((1, 2, 3));
        let (_, found) = exact_maps(&jump, &images).unwrap();
        assert_eq!(found.steps, 256);
        assert!(found.median.unwrap() > 0.01);
    }
}
