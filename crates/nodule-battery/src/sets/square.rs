//! The square of shape and texture: one set of latents, rendered at every point of it.

use nodule_study::Error;
use nodule_synth::{Generator, Latents, Mode};
use rayon::prelude::*;

/// Points along each axis, from level 0 to 1.
pub const POINTS: usize = 9;

/// The same latents at every point, shared by all runs.
#[derive(Debug)]
pub struct Square {
    /// Shape and texture of each point, row by row of shape.
    pub points: Vec<(f64, f64)>,
    /// `[points, latents, size, size]`.
    pub images: Vec<f32>,
}

/// Shape and texture of every point, row by row of shape.
#[must_use]
pub fn points() -> Vec<(f64, f64)> {
    (0..POINTS * POINTS).map(level).collect()
}

/// Shape and texture of a point.
fn level(point: usize) -> (f64, f64) {
    let along = |i: usize| i as f64 / (POINTS - 1) as f64;
    (along(point / POINTS), along(point % POINTS))
}

/// Renders these latents at every point.
///
/// # Errors
/// If a latent cannot be rendered.
pub fn square(generator: &Generator, latents: &[Latents]) -> Result<Square, Error> {
    let points = points();
    let render = |&(shape, texture): &(f64, f64)| -> Result<Vec<f32>, Error> {
        let moved = latents.iter().map(|latents| {
            let moved = latents
                .with(Mode::Shape, shape)
                .with(Mode::Texture, texture);
            Ok(generator.render(&moved)?.image)
        });
        Ok(moved.collect::<Result<Vec<_>, Error>>()?.concat())
    };
    let images = points.par_iter().map(render);
    let images = images.collect::<Result<Vec<_>, _>>()?.concat();
    Ok(Square { points, images })
}
