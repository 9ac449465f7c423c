//! Dose response: the decision as one mode goes up by degrees, averaged over all levels of the other.

use nodule_study::records::SurfacePoint;

/// One degree of one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// Level of the mode, [0, 1].
    pub level: f64,
    /// Change of the mean decision value since level 0, in spreads.
    pub effect: f64,
    /// Share decided as abnormal.
    pub abnormal: f64,
}

/// From a landscape, for the mode that `level` takes from a point.
pub fn dose_response(landscape: &[SurfacePoint], level: fn(&SurfacePoint) -> f64) -> Vec<Dose> {
    let mut levels: Vec<f64> = landscape.iter().map(level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let at = |at: f64| {
        let points: Vec<_> = landscape.iter().filter(|p| level(p) == at).collect();
        let mean = |of: fn(&SurfacePoint) -> f64| {
            points.iter().map(|p| of(p)).sum::<f64>() / points.len() as f64
        };
        (mean(|p| p.score), mean(|p| p.abnormal))
    };
    let start = levels.first().map_or(0.0, |first| at(*first).0);
    let dose = |level: &f64| {
        let (score, abnormal) = at(*level);
        Dose {
            level: *level,
            effect: score - start,
            abnormal,
        }
    };
    levels.iter().map(dose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dose_averages_over_the_other_mode() {
        let point = |shape, texture, score| SurfacePoint {
            shape,
            texture,
            score,
            abnormal: f64::from(u8::from(score > 0.0)),
        };
        let square = [
            point(0.0, 0.0, -2.0),
            point(0.0, 1.0, 0.0),
            point(1.0, 0.0, 1.0),
            point(1.0, 1.0, 3.0),
        ];
        let shape = dose_response(&square, |p| p.shape);
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
        let texture = dose_response(&square, |p| p.texture);
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
