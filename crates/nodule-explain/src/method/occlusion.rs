//! Occlusion.

use candle_core::Tensor;

use super::in_batches;
use crate::error::{check_images, setting};
use crate::model::decisions;
use crate::{Error, Model};

/// How far the decision value falls when a square `window` of pixels is covered with the intensity
/// `fill` (the image's own mean where there is none), averaged over the windows that cover a pixel,
/// `[n, c, h, w]` (Zeiler and Fergus 2014). Windows are `stride` pixels apart; the last one ends at
/// the border. One forward pass a window.
///
/// # Errors
/// [`Error::Setting`] if the window is empty or larger than the image, the stride is 0 or above the
/// window (pixels would be left out), or `fill` is not finite; else as
/// [`gradient`](super::gradient()).
pub fn occlusion(
    model: &(impl Model + ?Sized),
    images: &Tensor,
    window: usize,
    stride: usize,
    fill: Option<f64>,
) -> Result<Tensor, Error> {
    check_images(images)?;
    let (_, channels, height, width) = images.dims4()?;
    if window == 0 || window > height.min(width) {
        let allowed = format!("from 1 to {}", height.min(width));
        return Err(setting("window", window, &allowed));
    }
    if stride == 0 || stride > window {
        return Err(setting("stride", stride, &format!("from 1 to {window}")));
    }
    if let Some(fill) = fill.filter(|f| !f.is_finite()) {
        return Err(setting("fill", fill, "a finite intensity"));
    }
    in_batches(images, |batch| {
        let covered = Covered::new(batch, fill)?;
        let before = decisions(model, batch)?.to_vec1::<f32>()?;
        let mut sums = vec![0.0f32; batch.elem_count() / channels];
        let mut counts = vec![0.0f32; height * width];
        for y in starts(height, window, stride) {
            for x in starts(width, window, stride) {
                let after = decisions(model, &covered.at(y, x, window)?)?;
                let after = after.to_vec1::<f32>()?;
                let pixels = || (y..y + window).flat_map(|y| (x..x + window).map(move |x| (y, x)));
                pixels().for_each(|(y, x)| counts[y * width + x] += 1.0);
                let maps = sums
                    .chunks_mut(height * width)
                    .zip(before.iter().zip(after));
                for (map, (before, after)) in maps {
                    pixels().for_each(|(y, x)| map[y * width + x] += before - after);
                }
            }
        }
        for map in sums.chunks_mut(height * width) {
            map.iter_mut().zip(&counts).for_each(|(m, c)| *m /= c);
        }
        let maps = Tensor::from_vec(sums, (before.len(), 1, height, width), images.device())?;
        Ok(maps.repeat((1, channels, 1, 1))?)
    })
}

pub(super) fn with_defaults(model: &dyn Model, images: &Tensor, _: u64) -> Result<Tensor, Error> {
    check_images(images)?;
    let (_, _, height, width) = images.dims4()?;
    let window = (height.min(width) / 8).max(1);
    occlusion(model, images, window, window.div_ceil(2), None)
}

/// Where windows begin along one axis.
fn starts(length: usize, window: usize, stride: usize) -> Vec<usize> {
    let last = length - window;
    let mut starts: Vec<usize> = (0..last).step_by(stride).collect();
    starts.push(last);
    starts
}

/// Images of which a part can be covered.
struct Covered {
    pixels: Vec<f32>,
    fills: Vec<f32>,
    shape: (usize, usize, usize, usize),
    device: candle_core::Device,
}

impl Covered {
    fn new(images: &Tensor, fill: Option<f64>) -> Result<Self, Error> {
        let shape = images.dims4()?;
        let fills = match fill {
            Some(fill) => vec![fill as f32; shape.0],
            None => images.flatten_from(1)?.mean(1)?.to_vec1()?,
        };
        Ok(Self {
            pixels: images.flatten_all()?.to_vec1()?,
            fills,
            shape,
            device: images.device().clone(),
        })
    }

    fn at(&self, y: usize, x: usize, window: usize) -> Result<Tensor, Error> {
        let (_, channels, height, width) = self.shape;
        let mut pixels = self.pixels.clone();
        let images = pixels.chunks_mut(channels * height * width);
        for (image, fill) in images.zip(&self.fills) {
            for plane in image.chunks_mut(height * width) {
                for row in plane.chunks_mut(width).skip(y).take(window) {
                    row[x..x + window].fill(*fill);
                }
            }
        }
        Ok(Tensor::from_vec(pixels, self.shape, &self.device)?)
    }
}
