//! The recipe: physical values of each latent. All numbers are *ours*.

use super::Latents;

/// Interpolates linearly from the value at level 0 to the value at level 1.
fn between(low: f64, high: f64, level: f64) -> f64 {
    low + (high - low) * level
}

/// Root mean square of the outline's harmonics 4 to 12, relative to the radius.
pub(super) fn irregularity(latents: &Latents, amplitude: f64) -> f64 {
    between(0.025, 0.025 + 0.11 * amplitude, latents.shape)
}

/// Standard deviation of the interior's intensity.
pub(super) fn heterogeneity(latents: &Latents, amplitude: f64) -> f64 {
    between(0.01, 0.01 + 0.10 * amplitude, latents.texture)
}

/// Radius of the disc of equal area, relative to the image's width.
pub(super) fn radius(latents: &Latents) -> f64 {
    between(0.16, 0.24, latents.size)
}

/// Amplitude of the outline's second harmonic, relative to the radius.
pub(super) fn elongation(latents: &Latents) -> f64 {
    between(0.02, 0.14, latents.elongation)
}

/// Rotation of the outline, in radians.
pub(super) fn rotation(latents: &Latents) -> f64 {
    std::f64::consts::TAU * latents.rotation
}

/// Centre `[x, y]` from the upper left corner, relative to the image's width.
pub(super) fn centre(latents: &Latents) -> [f64; 2] {
    [latents.position_x, latents.position_y].map(|level| between(0.42, 0.58, level))
}

/// Interior minus background intensity.
pub(super) fn contrast(latents: &Latents) -> f64 {
    between(0.30, 0.45, latents.contrast)
}

/// Background intensity.
pub(super) fn brightness(latents: &Latents) -> f64 {
    between(0.20, 0.32, latents.brightness)
}

/// Standard deviation of the background's intensity.
pub(super) fn background_texture(latents: &Latents) -> f64 {
    between(0.01, 0.04, latents.background_texture)
}

/// Standard deviation of the noise.
pub(super) fn noise(latents: &Latents) -> f64 {
    between(0.02, 0.04, latents.noise)
}

/// Standard deviation of the point spread, relative to the image's width.
pub(super) fn blur(latents: &Latents) -> f64 {
    between(0.4, 0.8, latents.blur) / 64.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Distribution, Generator, GeneratorSettings, Mode, Outlines};

    #[test]
    fn every_value_is_positive_at_the_least_level() {
        let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc()).unwrap();
        let both = Distribution::from_name("both").unwrap();
        let mut latents = generator.draw(&both, 1, 0..1)[0].latents.clone();
        for mode in Mode::ALL {
            latents = latents.with(mode, mode.levels().0);
        }
        latents.validate().unwrap();
        for value in [
            irregularity(&latents, 1.5),
            heterogeneity(&latents, 2.0),
            radius(&latents),
            elongation(&latents),
            contrast(&latents),
            brightness(&latents),
            background_texture(&latents),
            noise(&latents),
            blur(&latents),
        ] {
            assert!(value > 0.0, "{value}");
        }
    }
}
