//! Random changes of training images, one transform per image: flip, rotation and scale, shift, intensity, noise. *Ours*;
//! the operations and their order are those of torchvision's `RandomAffine` and of common practice.
//!
//! Pixels outside of an image have the value of the nearest pixel in it. Values are interpolated linearly.

mod resample;

use nodule_config::Augmentation;
use nodule_error::invalid_value;
use nodule_seed::{Stream, derive, stream};

use self::resample::{SourceMap, resample};
use crate::Error;

/// Smallest number of values in a noise field: 512 KiB, far more than an image of 64 x 64 pixels takes.
const MIN_FIELD: usize = 1 << 17;

/// Draws transforms of images with `image_size` x `image_size` pixels.
#[derive(Debug, Clone)]
pub struct Augmenter {
    config: Augmentation,
    image_size: usize,
    /// Normal noise; every image gets a random window of it with a random sign, because new values for every image would
    /// take longer than the training step. A power of two.
    noise_field: Vec<f32>,
}

/// The change of one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    /// Flips vertically and horizontally.
    pub flip: [bool; 2],
    /// Rotation from the row axis to the column axis (counter-clockwise as the image is shown), in radians.
    pub angle: f64,
    /// Factor of the size.
    pub scale: f64,
    /// Shift in pixels, rows and columns.
    pub shift: [f64; 2],
    /// Factor of the intensities.
    pub intensity: f64,
    /// Start of the window in the noise field.
    pub noise_start: u64,
    /// Standard deviation of the noise; a negative one turns its signs around.
    pub noise: f64,
}

impl Augmenter {
    /// Returns an augmenter whose noise is drawn from `seed`.
    ///
    /// # Errors
    /// [`Error::Input`] if a shift is longer than half an image.
    pub fn new(config: Augmentation, image_size: usize, seed: u64) -> Result<Self, Error> {
        let half = image_size as f64 / 2.0;
        if config.shift_pixels > half {
            let allowed = format!("at most half an image ({half} pixels)");
            return Err(invalid_value("augment.shift_pixels", config.shift_pixels, allowed).into());
        }
        let size = match config.noise > 0.0 {
            true => (4 * image_size * image_size)
                .next_power_of_two()
                .max(MIN_FIELD),
            false => 0,
        };
        let mut random = stream(derive(seed, &["noise"]));
        Ok(Self {
            config,
            image_size,
            noise_field: (0..size).map(|_| random.normal() as f32).collect(),
        })
    }

    /// Width and height of the images, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// Draws a transform. Every call draws as many numbers, whatever the settings.
    pub fn draw(&self, random: &mut Stream) -> Transform {
        let config = &self.config;
        let flips = random.bits();
        let mut between = |width: f64| random.uniform_in(-width, width);
        let angle = between(config.rotation_degrees.to_radians());
        let shift = [between(config.shift_pixels), between(config.shift_pixels)];
        let scale = 1.0 + between(config.scale);
        let intensity = 1.0 + between(config.intensity);
        let noise_start = random.bits();
        let sign = if noise_start >> 63 == 0 { 1.0 } else { -1.0 };
        Transform {
            flip: [flips & 1 != 0, flips & 2 != 0].map(|flip| flip && config.flip),
            angle,
            scale,
            shift,
            intensity,
            noise_start,
            noise: sign * config.noise,
        }
    }

    /// Applies `transform` to `image` in place, a square of `image_size` x `image_size` pixels. `buffer` is working memory.
    ///
    /// # Panics
    /// If the image has another size.
    pub fn apply(&self, transform: &Transform, image: &mut [f32], buffer: &mut Vec<f32>) {
        let side = self.image_size;
        assert_eq!(image.len(), side * side, "pixels of an image");
        if self.config.moves_pixels() {
            resample(&transform.source_map(side), side, image, buffer);
        }
        if self.config.intensity > 0.0 {
            let factor = transform.intensity as f32;
            image.iter_mut().for_each(|value| *value *= factor);
        }
        if !self.noise_field.is_empty() {
            let sd = transform.noise as f32;
            // The field's size is a power of two.
            let start = transform.noise_start as usize & (self.noise_field.len() - 1);
            let window = &self.noise_field[start..];
            let (before, after) = image.split_at_mut(window.len().min(image.len()));
            // The window goes on at the field's beginning.
            for (image, noise) in [(before, window), (after, &self.noise_field[..])] {
                for (value, noise) in image.iter_mut().zip(noise) {
                    *value += sd * noise;
                }
            }
        }
    }
}

impl Transform {
    /// Returns `mask`, a square of `side` x `side` pixels, moved as the image is: each pixel takes the value of the nearest
    /// one in the source, and 0 outside of it.
    ///
    /// # Panics
    /// If the mask has another size.
    #[must_use]
    pub fn apply_to_mask(&self, mask: &[u8], side: usize) -> Vec<u8> {
        assert_eq!(mask.len(), side * side, "pixels of a mask");
        let map = self.source_map(side);
        let nearest = |pixel: usize| {
            let (row, column) = ((pixel / side) as f64, (pixel % side) as f64);
            let place = |axis: usize| {
                let place =
                    map.origin[axis] + row * map.by_row[axis] + column * map.by_column[axis];
                let is_inside = place > -0.5 && place < side as f64 - 0.5;
                is_inside.then(|| place.round() as usize)
            };
            let inside = place(0).zip(place(1));
            inside.map_or(0, |(row, column)| mask[row * side + column])
        };
        (0..side * side).map(nearest).collect()
    }

    /// Returns where the pixels of the result come from. The image is flipped, then rotated and scaled about its centre,
    /// then shifted.
    fn source_map(&self, side: usize) -> SourceMap {
        let centre = (side as f64 - 1.0) / 2.0;
        let (sin, cos) = self.angle.sin_cos();
        let signs = self.flip.map(|flip| if flip { -1.0 } else { 1.0 });
        let by_row = [signs[0] * cos / self.scale, signs[1] * -sin / self.scale];
        let by_column = [signs[0] * sin / self.scale, signs[1] * cos / self.scale];
        let [row, column] = self.shift.map(|shift| -centre - shift);
        let origin = [0, 1].map(|axis| centre + row * by_row[axis] + column * by_column[axis]);
        SourceMap {
            origin,
            by_row,
            by_column,
        }
    }
}
