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
///
/// ```
/// use nodule_analysis::dose_response::dose_response;
/// use nodule_study::records::SurfacePoint;
///
/// let point = |shape, texture, score| SurfacePoint { shape, texture, score, abnormal: 0.0, intervals: None };
/// let surface = [point(0.0, 0.0, -2.0), point(0.0, 1.0, 0.0), point(1.0, 0.0, 1.0), point(1.0, 1.0, 3.0)];
/// let doses = dose_response(&surface, |p| p.shape);
/// assert_eq!((doses[0].effect, doses[1].effect), (0.0, 3.0));
/// ```
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
    let dose = |level: f64| {
        let (score, abnormal) = means_at(level);
        Dose {
            level,
            effect: score - lowest_score,
            abnormal,
        }
    };
    levels.into_iter().map(dose).collect()
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
        let numbers = |level| {
            let doses = dose_response(&surface, level).into_iter();
            let numbers = doses.map(|dose| (dose.level, dose.effect, dose.abnormal));
            numbers.collect::<Vec<_>>()
        };
        assert_eq!(numbers(|p| p.shape), [(0.0, 0.0, 0.0), (1.0, 3.0, 1.0)]);
        assert_eq!(numbers(|p| p.texture), [(0.0, 0.0, 0.5), (1.0, 2.0, 0.5)]);
        assert!(dose_response(&[], |p| p.shape).is_empty());
    }
}
