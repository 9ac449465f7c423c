//! Occlusion.

use candle_core::{Device, Tensor};

use super::{Attribution, in_batches};
use crate::check::check_images;
use crate::error::invalid;
use crate::model::decide;
use crate::{Error, Model};

/// Occlusion (Zeiler and Fergus 2014): decrease of the decision score when a square window is covered, averaged over the
/// windows that cover a pixel. Costs one forward pass per window.
///
/// Windows are `stride` pixels apart; the last one of a row or column ends at the border.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Occlusion {
    /// Side of the window, in pixels; `None` for an eighth of the shorter side of the image (*ours*).
    pub window: Option<usize>,
    /// Distance of windows, in pixels, at most the window; `None` for half a window (*ours*).
    pub stride: Option<usize>,
    /// Intensity that covers a window; `None` for the mean of each image.
    pub fill: Option<f64>,
}

impl Occlusion {
    /// Returns window and stride for images of this size.
    fn window_and_stride(&self, height: usize, width: usize) -> Result<(usize, usize), Error> {
        let shorter = height.min(width);
        let window = self.window.unwrap_or((shorter / 8).max(1));
        if window == 0 || window > shorter {
            return Err(invalid("window", window, &format!("from 1 to {shorter}")));
        }
        let stride = self.stride.unwrap_or(window.div_ceil(2));
        if stride == 0 || stride > window {
            return Err(invalid("stride", stride, &format!("from 1 to {window}")));
        }
        Ok((window, stride))
    }
}

impl Attribution for Occlusion {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        check_images(images)?;
        let (_, channels, height, width) = images.dims4()?;
        let (window, stride) = self.window_and_stride(height, width)?;
        if let Some(fill) = self.fill.filter(|f| !f.is_finite()) {
            return Err(invalid("fill", fill, "a finite intensity"));
        }
        in_batches(images, |batch| {
            let occluder = Occluder::new(batch, self.fill)?;
            let before = decide(model, batch)?.to_vec1::<f32>()?;
            let mut sums = vec![0.0f32; batch.elem_count() / channels];
            let mut counts = vec![0.0f32; height * width];
            for y in window_starts(height, window, stride) {
                for x in window_starts(width, window, stride) {
                    let covered = occluder.cover(y, x, window)?;
                    let after = decide(model, &covered)?.to_vec1::<f32>()?;
                    let pixels =
                        || (y..y + window).flat_map(|y| (x..x + window).map(move |x| (y, x)));
                    pixels().for_each(|(y, x)| counts[y * width + x] += 1.0);
                    let maps = sums.chunks_mut(height * width);
                    for (map, (before, after)) in maps.zip(before.iter().zip(after)) {
                        pixels().for_each(|(y, x)| map[y * width + x] += before - after);
                    }
                }
            }
            for map in sums.chunks_mut(height * width) {
                map.iter_mut().zip(&counts).for_each(|(m, c)| *m /= c);
            }
            let shape = (before.len(), 1, height, width);
            let maps = Tensor::from_vec(sums, shape, images.device())?;
            Ok(maps.repeat((1, channels, 1, 1))?)
        })
    }
}

/// Returns where windows start along one axis.
fn window_starts(length: usize, window: usize, stride: usize) -> Vec<usize> {
    let last = length - window;
    let mut starts: Vec<usize> = (0..last).step_by(stride).collect();
    starts.push(last);
    starts
}

/// A batch of images, and the intensity that covers a window of each.
struct Occluder {
    pixels: Vec<f32>,
    fills: Vec<f32>,
    shape: (usize, usize, usize, usize),
    device: Device,
}

impl Occluder {
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

    /// Returns the images with the window at `(y, x)` covered.
    fn cover(&self, y: usize, x: usize, window: usize) -> Result<Tensor, Error> {
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
