//! Rendering: from latents to an image, its mask and its contour.

use std::ops::Range;
use std::sync::Arc;

use nodule_seed::stream;
use pulp::{Arch, Simd, WithSimd};

use crate::contour::contour;
use crate::coverage::{Coverage, coverage};
use crate::error::setting;
use crate::field::{blur, random_field};
use crate::latents::{Latents, physical};
use crate::{Backgrounds, Error, GeneratorSettings, Outlines};

/// Correlation lengths, as standard deviations over the image's width.
const TEXTURE_LENGTH: f64 = 1.6 / 64.0;
const BACKGROUND_LENGTH: f64 = 3.5 / 64.0;
const NOISE_LENGTH: f64 = 0.6 / 64.0;
/// Vessels of the background.
const VESSELS: usize = 2;

/// Renders nodules. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Generator {
    settings: GeneratorSettings,
    outlines: Arc<Outlines>,
    backgrounds: Option<Arc<Backgrounds>>,
}

/// One nodule, rendered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rendered {
    /// Intensities `[size, size]` in [0, 1].
    pub image: Vec<f32>,
    /// 1 where the nodule covers at least half of the pixel, `[size, size]`.
    pub mask: Vec<u8>,
    /// Vertices of the closed contour: `[x, y]` in pixels from the upper left corner.
    pub contour: Vec<[f64; 2]>,
}

impl Generator {
    /// A generator of those settings; real outlines come from `outlines`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its range.
    pub fn new(settings: GeneratorSettings, outlines: Arc<Outlines>) -> Result<Self, Error> {
        settings.validate()?;
        Ok(Self {
            settings,
            outlines,
            backgrounds: None,
        })
    }

    /// The same generator, that draws its nodules over these backgrounds in place of its own lung.
    ///
    /// What is real stays as it is: a pixel that the nodule does not reach is the background's, to the
    /// bit. Blur and noise are the nodule's own, brightness and contrast add up to its interior's
    /// intensity, and the level of the background's texture changes nothing.
    ///
    /// # Errors
    /// [`Error::Setting`] if they are of another size than its images.
    pub fn over(mut self, backgrounds: Arc<Backgrounds>) -> Result<Self, Error> {
        let (found, size) = (backgrounds.image_size(), self.settings.image_size);
        if found != size {
            let allowed = format!("{size} by {size}, as generator.image_size says");
            let found = format!("{found} by {found} pixels");
            return Err(setting("backgrounds", "images", found, allowed));
        }
        self.backgrounds = Some(backgrounds);
        Ok(self)
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &GeneratorSettings {
        &self.settings
    }

    /// Its real outlines.
    #[must_use]
    pub fn outlines(&self) -> &Outlines {
        &self.outlines
    }

    /// What its nodules are drawn over, if it is not its own lung.
    #[must_use]
    pub fn backgrounds(&self) -> Option<&Backgrounds> {
        self.backgrounds.as_deref()
    }

    /// Renders one nodule.
    ///
    /// Order: background, interior, mixed by exact coverage; point spread; noise; cut to [0, 1],
    /// which a few pixels in ten thousand need. Over a real background: interior and coverage, point
    /// spread of both, noise; mixed by the coverage so spread; cut to [0, 1].
    ///
    /// # Errors
    /// [`Error::Setting`] if a latent is outside [`crate::Mode::levels`], or names an outline that
    /// the generator does not have.
    pub fn render(&self, latents: &Latents) -> Result<Rendered, Error> {
        latents.validate()?;
        let size = self.settings.image_size;
        let outline = match latents.outline {
            Some(row) => Some(self.outline(row)?),
            None => None,
        };
        let contour = contour(latents, self.settings.shape_amplitude, size, outline);
        let Coverage { shares, rows } = coverage(&contour, size);
        let covered = rows.start * size..rows.end * size;
        let real = self.backgrounds.as_deref();
        let real = real.and_then(|all| all.image(all.of(latents.background_seed)));
        let mut image = match real {
            // Black: what is mixed into it is the interior times its coverage.
            Some(_) => vec![0.0; size * size],
            None => background(latents, size),
        };
        self.mix_interior(
            &mut image[covered.clone()],
            latents,
            &shares[covered.clone()],
            covered,
        );
        let spread = physical::blur(latents) * size as f64;
        blur(&mut image, size, spread);
        match real {
            Some(real) => {
                let mut cover = shares.clone();
                blur(&mut cover, size, spread);
                lay_over(&mut image, &cover, real, latents);
            }
            None => add_noise(&mut image, latents, size),
        }
        Ok(Rendered {
            image,
            mask: shares.iter().map(|s| u8::from(*s >= 0.5)).collect(),
            contour,
        })
    }

    fn outline(&self, row: usize) -> Result<&[[f64; 2]], Error> {
        self.outlines.points(row).ok_or_else(|| {
            let (name, rows) = (self.outlines.name(), self.outlines.len());
            let allowed = format!("a row from 0 to {} of the outlines {name}", rows - 1);
            setting("latents", "outline", row, allowed)
        })
    }

    /// Mixes the interior into the `covered` pixels of an image, by their `shares`. Its mean and
    /// standard deviation over the nodule are exactly what the latents ask for, so texture moves
    /// neither the mean nor is left to chance.
    fn mix_interior(
        &self,
        image: &mut [f32],
        latents: &Latents,
        shares: &[f32],
        covered: Range<usize>,
    ) {
        let size = self.settings.image_size;
        let mut random = stream(latents.texture_seed);
        let field = random_field(&mut random, size, TEXTURE_LENGTH * size as f64);
        let field = &field[covered];
        let (mean, deviation) = weighted_moments(field, shares);
        let amplitude = physical::heterogeneity(latents, self.settings.texture_amplitude);
        let scale = (amplitude / deviation) as f32;
        let base = (physical::brightness(latents) + physical::contrast(latents)) as f32;
        for ((pixel, value), share) in image.iter_mut().zip(field).zip(shares) {
            let inside = base + scale * (value - mean as f32);
            *pixel += share * (inside - *pixel);
        }
    }
}

/// Mean and standard deviation of `values` under `weights`, most of which are zero.
fn weighted_moments(values: &[f32], weights: &[f32]) -> (f64, f64) {
    let pairs = values.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    let pairs: Vec<(f64, f64)> = pairs.map(|(v, w)| (f64::from(*v), f64::from(*w))).collect();
    let total: f64 = pairs.iter().map(|(_, w)| w).sum();
    let mean = pairs.iter().map(|(v, w)| v * w).sum::<f64>() / total;
    let squares = pairs.iter().map(|(v, w)| w * (v - mean) * (v - mean));
    let variance = squares.sum::<f64>() / total;
    (mean, libm::sqrt(variance))
}

/// Lung around the nodule: a smooth uneven field, and vessels as bent bright lines.
fn background(latents: &Latents, size: usize) -> Vec<f32> {
    let mut random = stream(latents.background_seed);
    let mut image = random_field(&mut random, size, BACKGROUND_LENGTH * size as f64);
    let (base, amplitude) = (
        physical::brightness(latents),
        physical::background_texture(latents),
    );
    for pixel in &mut image {
        *pixel = (base + amplitude * f64::from(*pixel)) as f32;
    }
    for _ in 0..VESSELS {
        add_vessel(&mut image, size, &mut random);
    }
    image
}

/// A parabola with a bell-shaped profile.
fn add_vessel(image: &mut [f32], size: usize, random: &mut nodule_seed::Stream) {
    let width = size as f64;
    let angle = random.uniform_in(0.0, std::f64::consts::TAU);
    let offset = random.uniform_in(-0.45, 0.45) * width;
    let bend = random.uniform_in(-0.8, 0.8) / width;
    let half_width = random.uniform_in(0.8, 1.6) / 64.0 * width;
    let vessel = Vessel {
        direction: [libm::cos(angle) as f32, libm::sin(angle) as f32],
        offset: offset as f32,
        bend: bend as f32,
        inverse_width: (1.0 / half_width) as f32,
        brightness: random.uniform_in(0.04, 0.12) as f32,
    };
    let middle = size as f32 / 2.0 - 0.5;
    let places: Vec<f32> = (0..size).map(|x| x as f32 - middle).collect();
    Arch::new().dispatch(AddVessel {
        vessel,
        image,
        places: &places,
    });
}

/// In pixels, from the image's middle.
struct Vessel {
    direction: [f32; 2],
    offset: f32,
    bend: f32,
    inverse_width: f32,
    brightness: f32,
}

struct AddVessel<'a> {
    vessel: Vessel,
    image: &'a mut [f32],
    /// The pixels' coordinates, the same along both axes.
    places: &'a [f32],
}

impl WithSimd for AddVessel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Vessel {
            direction: [cos, sin],
            offset,
            bend,
            inverse_width,
            brightness,
        } = self.vessel;
        for (row, dy) in self.image.chunks_mut(self.places.len()).zip(self.places) {
            for (pixel, dx) in row.iter_mut().zip(self.places) {
                let along = cos * dx + sin * dy;
                let across = (cos * dy - sin * dx - offset - bend * along * along) * inverse_width;
                let fall = 1.0 / (1.0 + across * across);
                *pixel += brightness * fall * fall;
            }
        }
    }
}

fn add_noise(image: &mut [f32], latents: &Latents, size: usize) {
    let amplitude = physical::noise(latents) as f32;
    for (pixel, n) in image.iter_mut().zip(&noise(latents, size)) {
        *pixel = (*pixel + amplitude * n).clamp(0.0, 1.0);
    }
}

/// Lays a nodule, `image` being its intensity times its `cover`, over a real background, with noise as
/// far as it covers: the background has its own.
fn lay_over(image: &mut [f32], cover: &[f32], real: &[f32], latents: &Latents) {
    let size = real.len().isqrt();
    let amplitude = physical::noise(latents) as f32;
    let rest = cover.iter().zip(real).zip(noise(latents, size));
    for (pixel, ((share, real), n)) in image.iter_mut().zip(rest) {
        *pixel = (*pixel + (1.0 - share) * real + share * amplitude * n).clamp(0.0, 1.0);
    }
}

/// Noise of variance 1, `[size, size]`.
fn noise(latents: &Latents, size: usize) -> Vec<f32> {
    let mut random = stream(latents.noise_seed);
    random_field(&mut random, size, NOISE_LENGTH * size as f64)
}
