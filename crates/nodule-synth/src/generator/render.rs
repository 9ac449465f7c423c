//! The generator: renders latents as an image, a mask and a contour.

use std::sync::Arc;

use nodule_seed::stream;
use pulp::{Arch, Simd, WithSimd};

use super::contour::contour;
use super::field::{blur, random_field};
use super::lung::lung;
use super::{GeneratorSettings, Latents, recipe};
use crate::error::setting;
use crate::polygon::{Coverage, coverage};
use crate::{Backgrounds, Error, Outlines};

/// Correlation length of the interior: a standard deviation relative to the image's width.
const TEXTURE_LENGTH: f64 = 1.6 / 64.0;
/// Correlation length of the noise, likewise.
const NOISE_LENGTH: f64 = 0.6 / 64.0;

/// Generator of nodules with fixed settings, outlines and backgrounds. Cheap to clone.
///
/// ```
/// use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};
///
/// let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc())?;
/// let data = generator.generate(&Distribution::resolve("both")?, 7, 0..10)?;
/// assert_eq!(data.images.len(), 10 * 64 * 64);
/// # Ok::<(), nodule_synth::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Generator {
    settings: GeneratorSettings,
    outlines: Arc<Outlines>,
    backgrounds: Option<Arc<Backgrounds>>,
}

/// One rendered nodule.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rendered {
    /// Intensities `[size, size]` in [0, 1].
    pub image: Vec<f32>,
    /// Mask `[size, size]`: 1 where the nodule covers at least half of the pixel, else 0.
    pub mask: Vec<u8>,
    /// Vertices of the closed contour: `[x, y]` in pixels from the upper left corner.
    pub contour: Vec<[f64; 2]>,
}

impl Generator {
    /// Returns a generator with these settings that takes real outlines from `outlines`.
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

    /// Returns the generator with real backgrounds in place of synthetic lung.
    ///
    /// Pixels that the nodule does not reach keep the background's value, to the bit. Blur and noise apply to the
    /// nodule alone, brightness and contrast add up to its interior's intensity, and background texture has no effect.
    ///
    /// # Errors
    /// [`Error::Setting`] if the backgrounds differ in size from the generator's images.
    pub fn with_backgrounds(mut self, backgrounds: Arc<Backgrounds>) -> Result<Self, Error> {
        let (found, size) = (backgrounds.image_size(), self.settings.image_size);
        if found != size {
            let allowed = format!("{size} by {size} (generator.image_size)");
            let found = format!("{found} by {found} pixels");
            return Err(setting("backgrounds", "images", found, allowed));
        }
        self.backgrounds = Some(backgrounds);
        Ok(self)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &GeneratorSettings {
        &self.settings
    }

    /// The real outlines.
    #[must_use]
    pub fn outlines(&self) -> &Outlines {
        &self.outlines
    }

    /// The real backgrounds, or `None` if the generator draws synthetic lung.
    #[must_use]
    pub fn backgrounds(&self) -> Option<&Backgrounds> {
        self.backgrounds.as_deref()
    }

    /// Renders one nodule.
    ///
    /// Order over synthetic lung: background; interior, mixed in by exact coverage; point spread; noise; clipping to
    /// [0, 1], which affects a few pixels in ten thousand. Order over a real background: interior and coverage; point
    /// spread of both; noise; mixing with the background by the blurred coverage; clipping to [0, 1].
    ///
    /// # Errors
    /// [`Error::Setting`] if a latent is outside [`crate::Mode::levels`], or the generator's outlines lack the row.
    pub fn render(&self, latents: &Latents) -> Result<Rendered, Error> {
        latents.validate()?;
        let size = self.settings.image_size;
        let outline = match latents.outline {
            Some(row) => Some(self.outline(row)?),
            None => None,
        };
        let contour = contour(latents, self.settings.shape_amplitude, size, outline);
        let coverage = coverage(&contour, size);
        let background = self.backgrounds.as_deref().and_then(|backgrounds| {
            backgrounds.image(backgrounds.index_for(latents.background_seed))
        });
        let mut image = match background {
            // On black, mixing in the interior gives interior times coverage.
            Some(_) => vec![0.0; size * size],
            None => lung(latents, size),
        };
        self.mix_interior(&mut image, latents, &coverage);
        let sigma = recipe::blur(latents) * size as f64;
        blur(&mut image, size, sigma);
        match background {
            Some(background) => {
                let mut shares = coverage.shares.clone();
                blur(&mut shares, size, sigma);
                mix_with_background(&mut image, &shares, background, latents);
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

    /// Mixes the interior into the covered pixels.
    ///
    /// The interior's mean and standard deviation over the nodule equal the latents' values exactly: texture does not
    /// change the mean, and chance changes neither.
    fn mix_interior(&self, image: &mut [f32], latents: &Latents, coverage: &Coverage) {
        let size = self.settings.image_size;
        let mut random = stream(latents.texture_seed);
        let field = random_field(&mut random, size, TEXTURE_LENGTH * size as f64);
        let (mean, deviation) = weighted_moments(&field, coverage);
        let amplitude = recipe::heterogeneity(latents, self.settings.texture_amplitude);
        let scale = (amplitude / deviation) as f32;
        let base = (recipe::brightness(latents) + recipe::contrast(latents)) as f32;
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

/// Returns mean and standard deviation of `values`, weighted by the covered share of each pixel.
fn weighted_moments(values: &[f32], coverage: &Coverage) -> (f64, f64) {
    let pairs = || {
        coverage.spans.iter().flat_map(|span| {
            values[span.clone()]
                .iter()
                .zip(&coverage.shares[span.clone()])
                .map(|(v, w)| (f64::from(*v), f64::from(*w)))
        })
    };
    let (total, sum) = pairs().fold((0.0, 0.0), |(total, sum), (v, w)| (total + w, sum + v * w));
    let mean = sum / total;
    let squares = pairs().map(|(v, w)| w * (v - mean) * (v - mean));
    let variance = squares.sum::<f64>() / total;
    (mean, libm::sqrt(variance))
}

/// Returns 1 for each pixel that is at least half covered, else 0.
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
        amplitude: recipe::noise(latents) as f32,
    });
}

/// Adds noise and clips to [0, 1], with the vector instructions of the processor.
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

/// Adds a real background and noise to `image`, which holds interior times coverage (`shares`).
///
/// Noise is added in proportion to the coverage, because the background has noise of its own.
fn mix_with_background(image: &mut [f32], shares: &[f32], background: &[f32], latents: &Latents) {
    let size = background.len().isqrt();
    let amplitude = recipe::noise(latents) as f32;
    let noise = noise(latents, size);
    let pixels = image.iter_mut().zip(shares).zip(background).zip(&noise);
    for (((pixel, share), background), n) in pixels {
        *pixel = (*pixel + (1.0 - share) * background + share * amplitude * n).clamp(0.0, 1.0);
    }
}

/// Returns noise of variance 1, `[size, size]`.
fn noise(latents: &Latents, size: usize) -> Vec<f32> {
    let mut random = stream(latents.noise_seed);
    random_field(&mut random, size, NOISE_LENGTH * size as f64)
}
