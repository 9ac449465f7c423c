//! The decision landscape: one set of latents, rendered at every point of the square of shape and
//! texture.

use nodule_synth::{Generator, Latents, Mode};
use rayon::prelude::*;

use crate::record::LandscapePoint;

/// Points along each axis, from level 0 to 1.
pub(crate) const POINTS: usize = 9;

/// The same latents at every point, shared by all runs.
#[derive(Debug)]
pub(crate) struct Landscape {
    /// Shape and texture of each point, row by row of shape.
    points: Vec<(f64, f64)>,
    /// `[points, latents, size, size]`.
    pub(crate) images: Vec<f32>,
}

/// Shape and texture of a point.
pub(crate) fn level(point: usize) -> (f64, f64) {
    let along = |i: usize| i as f64 / (POINTS - 1) as f64;
    (along(point / POINTS), along(point % POINTS))
}

/// Renders these latents at every point.
pub(crate) fn over_square(generator: &Generator, latents: &[Latents]) -> Landscape {
    let points: Vec<_> = (0..POINTS * POINTS).map(level).collect();
    let render = |&(shape, texture): &(f64, f64)| -> Vec<f32> {
        let moved = latents.iter().map(|latents| {
            let moved = latents
                .with(Mode::Shape, shape)
                .with(Mode::Texture, texture);
            generator.render(&moved).image
        });
        moved.collect::<Vec<_>>().concat()
    };
    let images: Vec<_> = points.par_iter().map(render).collect();
    Landscape {
        points,
        images: images.concat(),
    }
}

impl Landscape {
    /// The points, from the decision value of each image.
    pub(crate) fn points(&self, scores: &[f32], spread: f64) -> Vec<LandscapePoint> {
        let n = scores.len() / self.points.len();
        let unit = if spread > 0.0 { spread } else { 1.0 };
        let point = |(&(shape, texture), scores): (&(f64, f64), &[f32])| LandscapePoint {
            shape,
            texture,
            score: scores.iter().map(|s| f64::from(*s)).sum::<f64>() / n as f64 / unit,
            abnormal: scores.iter().filter(|s| **s > 0.0).count() as f64 / n as f64,
        };
        self.points
            .iter()
            .zip(scores.chunks(n))
            .map(point)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use nodule_synth::{GeneratorSettings, Outlines};

    use super::*;
    use crate::sets::factorial;

    #[test]
    fn points_average_over_their_own_latents() {
        let generator = Generator::new(GeneratorSettings::default(), Outlines::embedded()).unwrap();
        let landscape = over_square(&generator, &factorial(&generator, 1, 2).unwrap().latents);
        let count = POINTS * POINTS;
        assert_eq!(landscape.images.len(), count * 2 * 64 * 64);
        let scores: Vec<f32> = (0..count)
            .flat_map(|i| [i as f32 - 1.0, i as f32 + 3.0])
            .collect();
        let points = landscape.points(&scores, 2.0);
        assert_eq!(points.len(), count);
        assert_eq!((points[0].shape, points[0].texture), (0.0, 0.0));
        assert_eq!((points[1].shape, points[1].texture), (0.0, 0.125));
        assert_eq!((points[0].score, points[0].abnormal), (0.5, 0.5));
        assert_eq!((points[80].score, points[80].abnormal), (40.5, 1.0));
    }
}
