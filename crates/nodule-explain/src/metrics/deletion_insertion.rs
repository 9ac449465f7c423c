//! Deletion and insertion curves of attribution maps.

use candle_core::Tensor;

use crate::check::{check_at_least_one, check_images, check_maps};
use crate::model::decide;
use crate::{Error, Model};

/// Deletion and insertion curves of each image: decision scores in steps of equally many pixels.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeletionInsertion {
    /// `[n][steps + 1]`: scores while pixels are removed, the most important first. Step 0 is the image.
    pub deletion: Vec<Vec<f32>>,
    /// `[n][steps + 1]`: scores while pixels are restored, the most important first. Step 0 is the filled image.
    pub insertion: Vec<Vec<f32>>,
}

impl DeletionInsertion {
    /// Returns the mean score along the deletion and the insertion curve of each image, by the trapezoidal rule. For a
    /// decision above 0 a faithful map has a low deletion and a high insertion mean.
    #[must_use]
    pub fn means(&self) -> Vec<(f64, f64)> {
        let mean = |curve: &Vec<f32>| {
            let trapezoids = curve.windows(2).map(|p| f64::from(p[0] + p[1]) / 2.0);
            trapezoids.sum::<f64>() / (curve.len() - 1) as f64
        };
        let curves = self.deletion.iter().zip(&self.insertion);
        curves.map(|(d, i)| (mean(d), mean(i))).collect()
    }
}

/// Returns the deletion and insertion curves (Petsiuk et al. 2018) of `images` `[n, c, h, w]` in the order of `maps`.
///
/// Pixels go by descending value of the map summed over channels, ties in index order, in `steps` equal shares. Removed
/// pixels get the mean of their image. Costs `2 * (steps + 1)` forward passes.
///
/// # Errors
/// [`Error::Input`] if the maps do not have the shape of the images or `steps` is 0; otherwise as
/// [`Attribution::attribute`](crate::Attribution::attribute).
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::metrics::deletion_insertion;
///
/// let sum = |images: &Tensor| images.sum((1, 2, 3));
/// let images = Tensor::new(&[[[[0.0f32, 4.0]]]], &Device::Cpu)?;
/// let curves = deletion_insertion(&sum, &images, &images, 2)?;
/// assert_eq!(curves.deletion, [[4.0, 2.0, 4.0]]); // both pixels end at the mean, 2
/// assert_eq!(curves.insertion, [[4.0, 6.0, 4.0]]);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
pub fn deletion_insertion(
    model: &dyn Model,
    images: &Tensor,
    maps: &Tensor,
    steps: usize,
) -> Result<DeletionInsertion, Error> {
    check_images(images)?;
    check_maps(maps, images)?;
    check_at_least_one("steps", steps)?;
    let orders = sort_pixels(maps)?;
    let filled = images
        .mean_keepdim((1, 2, 3))?
        .broadcast_as(images.shape())?
        .contiguous()?;
    let curve = |from: &Tensor, to: &Tensor| -> Result<Vec<Vec<f32>>, Error> {
        let mut curves = vec![Vec::with_capacity(steps + 1); orders.len()];
        for step in 0..=steps {
            let mixed = mix(from, to, &orders, step, steps)?;
            let scores = decide(model, &mixed)?.to_vec1::<f32>()?;
            for (curve, score) in curves.iter_mut().zip(scores) {
                curve.push(score);
            }
        }
        Ok(curves)
    };
    Ok(DeletionInsertion {
        deletion: curve(images, &filled)?,
        insertion: curve(&filled, images)?,
    })
}

/// Returns the pixels of each map, the largest first.
fn sort_pixels(maps: &Tensor) -> Result<Vec<Vec<usize>>, Error> {
    let sums = maps.sum(1)?.flatten_from(1)?.to_vec2::<f32>()?;
    let sort = |map: &Vec<f32>| {
        let mut order: Vec<usize> = (0..map.len()).collect();
        order.sort_by(|a, b| map[*b].total_cmp(&map[*a]));
        order
    };
    Ok(sums.iter().map(sort).collect())
}

/// Returns `from` with the first `step / steps` of the ordered pixels taken from `to`.
fn mix(
    from: &Tensor,
    to: &Tensor,
    orders: &[Vec<usize>],
    step: usize,
    steps: usize,
) -> Result<Tensor, Error> {
    let (_, channels, height, width) = from.dims4()?;
    let pixels = height * width;
    let mut values = from.flatten_all()?.to_vec1::<f32>()?;
    let replacements = to.flatten_all()?.to_vec1::<f32>()?;
    let count = pixels * step / steps;
    for (i, order) in orders.iter().enumerate() {
        for pixel in &order[..count] {
            for channel in 0..channels {
                let index = (i * channels + channel) * pixels + pixel;
                values[index] = replacements[index];
            }
        }
    }
    Ok(Tensor::from_vec(values, from.dims(), from.device())?)
}
