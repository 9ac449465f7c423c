//! Synthetic lung around the nodule: a smooth uneven field with vessels, drawn as bent bright lines.

use nodule_seed::{Stream, stream};
use pulp::{Arch, Simd, WithSimd};

use super::field::random_field;
use super::{Latents, recipe};

/// Correlation length of the field: a standard deviation relative to the image's width.
const CORRELATION_LENGTH: f64 = 3.5 / 64.0;
/// Number of vessels.
const VESSELS: usize = 2;

/// Returns an image of lung without a nodule, `[size, size]`.
pub(super) fn lung(latents: &Latents, size: usize) -> Vec<f32> {
    let mut random = stream(latents.background_seed);
    let mut image = random_field(&mut random, size, CORRELATION_LENGTH * size as f64);
    let middle = size as f32 / 2.0 - 0.5;
    let coordinates: Vec<f32> = (0..size).map(|x| x as f32 - middle).collect();
    Arch::new().dispatch(DrawLung {
        image: &mut image,
        coordinates: &coordinates,
        brightness: recipe::brightness(latents),
        unevenness: recipe::background_texture(latents),
        vessels: [(); VESSELS].map(|()| Vessel::draw(&mut random, size as f64)),
    });
    image
}

/// A vessel: a parabola with a bell-shaped profile. Lengths are in pixels, from the middle of the image.
struct Vessel {
    direction: [f32; 2],
    offset: f32,
    bend: f32,
    inverse_width: f32,
    brightness: f32,
}

impl Vessel {
    /// Draws a vessel for an image that is `width` pixels wide.
    fn draw(random: &mut Stream, width: f64) -> Self {
        let angle = random.uniform_in(0.0, std::f64::consts::TAU);
        let offset = random.uniform_in(-0.45, 0.45) * width;
        let bend = random.uniform_in(-0.8, 0.8) / width;
        let half_width = random.uniform_in(0.8, 1.6) / 64.0 * width;
        Self {
            direction: [libm::cos(angle) as f32, libm::sin(angle) as f32],
            offset: offset as f32,
            bend: bend as f32,
            inverse_width: (1.0 / half_width) as f32,
            brightness: random.uniform_in(0.04, 0.12) as f32,
        }
    }

    /// Returns the intensity that the vessel adds at a position.
    #[inline(always)]
    fn intensity_at(&self, dx: f32, dy: f32) -> f32 {
        let [cos, sin] = self.direction;
        let along = cos * dx + sin * dy;
        let across = cos * dy - sin * dx - self.offset - self.bend * along * along;
        let across = across * self.inverse_width;
        let fall = 1.0 / (1.0 + across * across);
        self.brightness * fall * fall
    }
}

/// Turns the field into lung, with the vector instructions of the processor.
struct DrawLung<'a> {
    /// The random field, replaced by the lung.
    image: &'a mut [f32],
    /// Coordinates of the pixels from the middle of the image, equal for both axes.
    coordinates: &'a [f32],
    brightness: f64,
    unevenness: f64,
    vessels: [Vessel; VESSELS],
}

impl WithSimd for DrawLung<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.image.chunks_mut(self.coordinates.len());
        for (row, dy) in rows.zip(self.coordinates) {
            for (pixel, dx) in row.iter_mut().zip(self.coordinates) {
                *pixel = (self.brightness + self.unevenness * f64::from(*pixel)) as f32;
                for vessel in &self.vessels {
                    *pixel += vessel.intensity_at(*dx, *dy);
                }
            }
        }
    }
}
