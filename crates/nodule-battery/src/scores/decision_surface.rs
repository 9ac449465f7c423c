//! Decision surface of a read-out: mean score at each point of the shape-texture plane.

use nodule_eval::ScoreSd;
use nodule_study::records::SurfacePoint;

use crate::sets::Plane;

/// Returns the points of the surface from the score of each image of `plane`.
pub(super) fn decision_surface(
    plane: &Plane,
    scores: &[f32],
    score_sd: ScoreSd,
) -> Vec<SurfacePoint> {
    let n = scores.len() / plane.points.len();
    let average = |(&(shape, texture), scores): (&(f64, f64), &[f32])| {
        let sum: f64 = scores.iter().map(|s| f64::from(*s)).sum();
        SurfacePoint {
            shape,
            texture,
            score: score_sd.to_sd_units(sum / n as f64),
            abnormal: scores.iter().filter(|s| **s > 0.0).count() as f64 / n as f64,
            intervals: None,
        }
    };
    let points = plane.points.iter().zip(scores.chunks(n.max(1)));
    points.map(average).collect()
}

#[cfg(test)]
mod tests {
    use nodule_synth::{Generator, GeneratorSettings, Outlines};

    use super::*;
    use crate::sets::{POINTS, generate_factorial, render_plane};

    #[test]
    fn points_average_over_their_own_latents() {
        let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc()).unwrap();
        let latents = generate_factorial(&generator, 1, 2).unwrap().latents;
        let plane = render_plane(&generator, &latents).unwrap();
        let count = POINTS * POINTS;
        assert_eq!(plane.images.len(), count * 2 * 64 * 64);
        let scores: Vec<f32> = (0..count)
            .flat_map(|i| [i as f32 - 1.0, i as f32 + 3.0])
            .collect();
        let points = decision_surface(&plane, &scores, ScoreSd::new(2.0).unwrap());
        assert_eq!(points.len(), count);
        assert_eq!((points[0].shape, points[0].texture), (0.0, 0.0));
        assert_eq!((points[1].shape, points[1].texture), (0.0, 0.125));
        assert_eq!((points[0].score, points[0].abnormal), (0.5, 0.5));
        assert_eq!((points[80].score, points[80].abnormal), (40.5, 1.0));
    }
}
