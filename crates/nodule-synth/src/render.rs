//! Rendering: from latents to an image, its mask and its contour.

use std::sync::Arc;

use nodule_seed::stream;
use pulp::{Arch, Simd, WithSimd};

use crate::contour::contour;
use crate::coverage::{Coverage, coverage};
use crate::error::setting;
use crate::field::{blur, random_field};
use crate::latents::{Latents, physical};
use crate::lung::lung;
use crate::{Backgrounds, Error, GeneratorSettings, Outlines};

/// Correlation lengths, as standard deviations over the image's width.
const TEXTURE_LENGTH: f64 = 1.6 / 64.0;
const NOISE_LENGTH: f64 = 0.6 / 64.0;

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
        let coverage = coverage(&contour, size);
        let real = self.backgrounds.as_deref();
        let real = real.and_then(|all| all.image(all.of(latents.background_seed)));
        let mut image = match real {
            // Black: what is mixed into it is the interior times its coverage.
            Some(_) => vec![0.0; size * size],
            None => lung(latents, size),
        };
        self.mix_interior(&mut image, latents, &coverage);
        let spread = physical::blur(latents) * size as f64;
        blur(&mut image, size, spread);
        match real {
            Some(real) => {
                let mut cover = coverage.shares.clone();
                blur(&mut cover, size, spread);
                lay_over(&mut image, &cover, real, latents);
            }
            None => add_noise(&mut image, latents, size),
        }
        let mask = mask(&coverage);
        Ok(Rendered {
            image,
            mask,
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

    /// Mixes the interior into the pixels that it covers. Its mean and standard deviation over the
    /// nodule are exactly what the latents ask for, so texture moves neither the mean nor is left to
    /// chance.
    fn mix_interior(&self, image: &mut [f32], latents: &Latents, coverage: &Coverage) {
        let size = self.settings.image_size;
        let mut random = stream(latents.texture_seed);
        let field = random_field(&mut random, size, TEXTURE_LENGTH * size as f64);
        let (mean, deviation) = weighted_moments(&field, coverage);
        let amplitude = physical::heterogeneity(latents, self.settings.texture_amplitude);
        let scale = (amplitude / deviation) as f32;
        let base = (physical::brightness(latents) + physical::contrast(latents)) as f32;
        for span in &coverage.spans {
            let pixels = image[span.clone()].iter_mut();
            let inside = field[span.clone()].iter();
            for ((pixel, value), share) in pixels.zip(inside).zip(&coverage.shares[span.clone()]) {
                let inside = base + scale * (value - mean as f32);
                *pixel += share * (inside - *pixel);
            }
        }
    }
}

/// Mean and standard deviation of `values` under what is covered of each.
fn weighted_moments(values: &[f32], coverage: &Coverage) -> (f64, f64) {
    let pairs = || {
        coverage.spans.iter().flat_map(|span| {
            let pairs = values[span.clone()]
                .iter()
                .zip(&coverage.shares[span.clone()]);
            pairs.map(|(v, w)| (f64::from(*v), f64::from(*w)))
        })
    };
    let (total, sum) = pairs().fold((0.0, 0.0), |(total, sum), (v, w)| (total + w, sum + v * w));
    let mean = sum / total;
    let squares = pairs().map(|(v, w)| w * (v - mean) * (v - mean));
    let variance = squares.sum::<f64>() / total;
    (mean, libm::sqrt(variance))
}

/// 1 where at least half of a pixel is covered.
fn mask(coverage: &Coverage) -> Vec<u8> {
    let mut mask = vec![0; coverage.shares.len()];
    for span in &coverage.spans {
        let shares = &coverage.shares[span.clone()];
        for (inside, share) in mask[span.clone()].iter_mut().zip(shares) {
            *inside = u8::from(*share >= 0.5);
        }
    }
    mask
}

fn add_noise(image: &mut [f32], latents: &Latents, size: usize) {
    Arch::new().dispatch(AddNoise {
        image,
        noise: &noise(latents, size),
        amplitude: physical::noise(latents) as f32,
    });
}

struct AddNoise<'a> {
    image: &'a mut [f32],
    noise: &'a [f32],
    amplitude: f32,
}

impl WithSimd for AddNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (pixel, n) in self.image.iter_mut().zip(self.noise) {
            *pixel = (*pixel + self.amplitude * n).clamp(0.0, 1.0);
        }
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
