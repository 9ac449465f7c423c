//! Lung around the nodule: a smooth uneven field, and vessels as bent bright lines.

use nodule_seed::{Stream, stream};
use pulp::{Arch, Simd, WithSimd};

use crate::field::random_field;
use crate::latents::{Latents, physical};

/// The field's correlation length, as a standard deviation over the image's width.
const LENGTH: f64 = 3.5 / 64.0;
const VESSELS: usize = 2;

/// An image of lung without a nodule, `[size, size]`.
pub(crate) fn lung(latents: &Latents, size: usize) -> Vec<f32> {
    let mut random = stream(latents.background_seed);
    let mut image = random_field(&mut random, size, LENGTH * size as f64);
    let middle = size as f32 / 2.0 - 0.5;
    let places: Vec<f32> = (0..size).map(|x| x as f32 - middle).collect();
    Arch::new().dispatch(Lung {
        image: &mut image,
        places: &places,
        brightness: physical::brightness(latents),
        unevenness: physical::background_texture(latents),
        vessels: [(); VESSELS].map(|()| Vessel::drawn(&mut random, size as f64)),
    });
    image
}

/// A parabola with a bell-shaped profile. In pixels, from the image's middle.
struct Vessel {
    direction: [f32; 2],
    offset: f32,
    bend: f32,
    inverse_width: f32,
    brightness: f32,
}

impl Vessel {
    /// One of an image that is `width` pixels wide.
    fn drawn(random: &mut Stream, width: f64) -> Self {
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

    /// What it adds to a pixel.
    #[inline(always)]
    fn at(&self, dx: f32, dy: f32) -> f32 {
        let [cos, sin] = self.direction;
        let along = cos * dx + sin * dy;
        let across = cos * dy - sin * dx - self.offset - self.bend * along * along;
        let across = across * self.inverse_width;
        let fall = 1.0 / (1.0 + across * across);
        self.brightness * fall * fall
    }
}

struct Lung<'a> {
    /// The field, and then the lung.
    image: &'a mut [f32],
    /// The pixels' coordinates from the image's middle, the same along both axes.
    places: &'a [f32],
    brightness: f64,
    unevenness: f64,
    vessels: [Vessel; VESSELS],
}

impl WithSimd for Lung<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, dy) in self.image.chunks_mut(self.places.len()).zip(self.places) {
            for (pixel, dx) in row.iter_mut().zip(self.places) {
                *pixel = (self.brightness + self.unevenness * f64::from(*pixel)) as f32;
                for vessel in &self.vessels {
                    *pixel += vessel.at(*dx, *dy);
                }
            }
        }
    }
}
