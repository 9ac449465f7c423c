//! Dose response: the decision score over the levels of one mode of variation, averaged over the levels of the other.

use nodule_study::records::SurfacePoint;

/// The response at one level of one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// Level of the mode, in [0, 1].
    pub level: f64,
    /// Mean decision score minus that at the lowest level, in SD units.
    pub effect: f64,
    /// Share of images that are classified as abnormal.
    pub abnormal: f64,
}

/// Returns the response at each level in rising order; `level` selects the mode of a point.
#[must_use]
pub fn dose_response(surface: &[SurfacePoint], level: fn(&SurfacePoint) -> f64) -> Vec<Dose> {
    let mut levels: Vec<f64> = surface.iter().map(level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let means_at = |at: f64| {
        let points: Vec<_> = surface.iter().filter(|p| level(p) == at).collect();
        let mean = |field: fn(&SurfacePoint) -> f64| {
            points.iter().map(|p| field(p)).sum::<f64>() / points.len() as f64
        };
        (mean(|p| p.score), mean(|p| p.abnormal))
    };
    let lowest_score = levels.first().map_or(0.0, |first| means_at(*first).0);
    levels
        .iter()
        .map(|level| {
            let (score, abnormal) = means_at(*level);
            Dose {
                level: *level,
                effect: score - lowest_score,
                abnormal,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_averages_over_the_other_mode() {
        let point = |shape, texture, score| SurfacePoint {
            shape,
            texture,
            score,
            abnormal: f64::from(u8::from(score > 0.0)),
            intervals: None,
        };
        let surface = [
            point(0.0, 0.0, -2.0),
            point(0.0, 1.0, 0.0),
            point(1.0, 0.0, 1.0),
            point(1.0, 1.0, 3.0),
        ];
        let shape = dose_response(&surface, |p| p.shape);
        assert_eq!(
            shape[0],
            Dose {
                level: 0.0,
                effect: 0.0,
                abnormal: 0.0
            }
        );
        assert_eq!(
            shape[1],
            Dose {
                level: 1.0,
                effect: 3.0,
                abnormal: 1.0
            }
        );
        let texture = dose_response(&surface, |p| p.texture);
        assert_eq!(
            texture[1],
            Dose {
                level: 1.0,
                effect: 2.0,
                abnormal: 0.5
            }
        );
        assert!(dose_response(&[], |p| p.shape).is_empty());
    }
}
