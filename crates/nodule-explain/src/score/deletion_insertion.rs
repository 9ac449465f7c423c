//! Deletion and insertion curves.

use candle_core::Tensor;

use crate::error::{check_images, check_maps, setting};
use crate::model::decisions;
use crate::{Error, Model};

/// Decision values along two curves an image, in steps of equally many pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    deletion: Vec<Vec<f32>>,
    insertion: Vec<Vec<f32>>,
}

impl Curves {
    /// `[n][steps + 1]`: pixels taken away, the most important first; step 0 is the image itself.
    #[must_use]
    pub fn deletion(&self) -> &[Vec<f32>] {
        &self.deletion
    }

    /// `[n][steps + 1]`: pixels put back, the most important first; step 0 is the filled image.
    #[must_use]
    pub fn insertion(&self) -> &[Vec<f32>] {
        &self.insertion
    }

    /// Mean decision values along the curves of each image, by the trapezoidal rule: deletion, then
    /// insertion. For a decision above 0 a good map has a low first and a high second one.
    #[must_use]
    pub fn areas(&self) -> Vec<(f64, f64)> {
        let area = |curve: &Vec<f32>| {
            let pairs = curve.windows(2).map(|p| f64::from(p[0] + p[1]) / 2.0);
            pairs.sum::<f64>() / (curve.len() - 1) as f64
        };
        let pairs = self.deletion.iter().zip(&self.insertion);
        pairs.map(|(d, i)| (area(d), area(i))).collect()
    }
}

/// Deletion and insertion (Petsiuk et al. 2018) of `images` `[n, c, h, w]` in the order of `maps`
/// (larger first, of equal ones the first), in `steps` equal shares of the pixels, what is taken
/// away filled with the image's mean. All channels of a pixel go together, ordered by their sum.
/// `2 * (steps + 1)` forward passes.
///
/// # Errors
/// [`Error::Setting`] if images, maps or decisions are not what they should be (as
/// [`gradient`](crate::method::gradient())), the maps are not as large as the images, or there is no step;
/// or if the device fails.
pub fn deletion_insertion(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    maps: &Tensor,
    steps: usize,
) -> Result<Curves, Error> {
    check_images(images)?;
    check_maps(maps, images)?;
    if steps == 0 {
        return Err(setting("steps", steps, "at least 1"));
    }
    let orders = orders(maps)?;
    let filled = images
        .mean_keepdim((1, 2, 3))?
        .broadcast_as(images.shape())?
        .contiguous()?;
    let curve = |from: &Tensor, to: &Tensor| -> Result<Vec<Vec<f32>>, Error> {
        let mut curves = vec![Vec::with_capacity(steps + 1); orders.len()];
        for step in 0..=steps {
            let mixed = mixed(from, to, &orders, step, steps)?;
            let decisions = decisions(model, &mixed)?.to_vec1::<f32>()?;
            curves
                .iter_mut()
                .zip(decisions)
                .for_each(|(c, d)| c.push(d));
        }
        Ok(curves)
    };
    Ok(Curves {
        deletion: curve(images, &filled)?,
        insertion: curve(&filled, images)?,
    })
}

/// Pixels of each map, the largest first.
fn orders(maps: &Tensor) -> Result<Vec<Vec<usize>>, Error> {
    let sums = maps.sum(1)?.flatten_from(1)?.to_vec2::<f32>()?;
    let order = |map: &Vec<f32>| {
        let mut order: Vec<usize> = (0..map.len()).collect();
        order.sort_by(|a, b| map[*b].total_cmp(&map[*a]));
        order
    };
    Ok(sums.iter().map(order).collect())
}

/// `from`, with the first `step / steps` of the pixels taken from `to`.
fn mixed(
    from: &Tensor,
    to: &Tensor,
    orders: &[Vec<usize>],
    step: usize,
    steps: usize,
) -> Result<Tensor, Error> {
    let (_, channels, height, width) = from.dims4()?;
    let pixels = height * width;
    let mut values = from.flatten_all()?.to_vec1::<f32>()?;
    let others = to.flatten_all()?.to_vec1::<f32>()?;
    let count = pixels * step / steps;
    for (i, order) in orders.iter().enumerate() {
        for pixel in &order[..count] {
            for channel in 0..channels {
                let place = (i * channels + channel) * pixels + pixel;
                values[place] = others[place];
            }
        }
    }
    Ok(Tensor::from_vec(values, from.dims(), from.device())?)
}
