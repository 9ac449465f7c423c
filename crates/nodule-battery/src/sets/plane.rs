//! Shape-texture plane: the same latents, rendered at every point of a grid of shape and texture levels.

use nodule_study::Error;
use nodule_synth::{Generator, Latents, Mode};
use rayon::prelude::*;

/// Points along each axis, from level 0 to 1.
pub const POINTS: usize = 9;

/// Images of the same latents at every point of the plane.
#[derive(Debug)]
pub struct Plane {
    /// Shape and texture level of each point; texture varies fastest.
    pub points: Vec<(f64, f64)>,
    /// Images `[points, latents, size, size]`.
    pub images: Vec<f32>,
}

/// Returns the shape and texture level of every point; texture varies fastest.
#[must_use]
pub fn plane_points() -> Vec<(f64, f64)> {
    let level = |i: usize| i as f64 / (POINTS - 1) as f64;
    (0..POINTS * POINTS)
        .map(|point| (level(point / POINTS), level(point % POINTS)))
        .collect()
}

/// Renders `latents` at every point.
///
/// # Errors
/// If a latent cannot be rendered.
pub fn render_plane(generator: &Generator, latents: &[Latents]) -> Result<Plane, Error> {
    let points = plane_points();
    let render = |&(shape, texture): &(f64, f64)| -> Result<Vec<f32>, Error> {
        let mut images = Vec::new();
        for latents in latents {
            let latents = latents
                .with(Mode::Shape, shape)
                .with(Mode::Texture, texture);
            images.extend(generator.render(&latents)?.image);
        }
        Ok(images)
    };
    let images: Vec<_> = points.par_iter().map(render).collect::<Result<_, _>>()?;
    Ok(Plane {
        points,
        images: images.concat(),
    })
}
