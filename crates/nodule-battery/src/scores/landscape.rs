//! The decision landscape: what a read-out decides over the square of shape and texture.

use nodule_eval::ScoreSd;
use nodule_study::records::SurfacePoint;

use crate::sets::Square;

/// The points, from the decision value of each image.
pub(super) fn landscape(square: &Square, decided: &[f32], spread: ScoreSd) -> Vec<SurfacePoint> {
    let n = decided.len() / square.points.len();
    let point = |(&(shape, texture), decided): (&(f64, f64), &[f32])| {
        let sum: f64 = decided.iter().map(|s| f64::from(*s)).sum();
        SurfacePoint {
            shape,
            texture,
            score: spread.to_sd_units(sum / n as f64),
            abnormal: decided.iter().filter(|s| **s > 0.0).count() as f64 / n as f64,
        }
    };
    let points = square.points.iter().zip(decided.chunks(n.max(1)));
    points.map(point).collect()
}

#[cfg(test)]
mod tests {
    use nodule_synth::{Generator, GeneratorSettings, Outlines};

    use super::*;
    use crate::sets::{POINTS, factorial, square};

    #[test]
    fn points_average_over_their_own_latents() {
        let generator = Generator::new(GeneratorSettings::default(), Outlines::embedded()).unwrap();
        let latents = factorial(&generator, 1, 2).unwrap().latents;
        let square = square(&generator, &latents).unwrap();
        let count = POINTS * POINTS;
        assert_eq!(square.images.len(), count * 2 * 64 * 64);
        let decided: Vec<f32> = (0..count)
            .flat_map(|i| [i as f32 - 1.0, i as f32 + 3.0])
            .collect();
        let points = landscape(&square, &decided, ScoreSd::new(2.0).unwrap());
        assert_eq!(points.len(), count);
        assert_eq!((points[0].shape, points[0].texture), (0.0, 0.0));
        assert_eq!((points[1].shape, points[1].texture), (0.0, 0.125));
        assert_eq!((points[0].score, points[0].abnormal), (0.5, 0.5));
        assert_eq!((points[80].score, points[80].abnormal), (40.5, 1.0));
    }
}
