//! Zero contour of a decision surface, by marching squares with one straight segment per cell.

use nodule_study::records::SurfacePoint;

use super::drawing::Drawing;
use super::panel::Panel;

/// Returns the number of points along one side of a square grid.
pub(super) fn side_length(points: &[SurfacePoint]) -> usize {
    (points.len() as f64).sqrt().round() as usize
}

/// Draws the zero contour with a colour, width and opacity.
pub(super) fn draw_zero_contour(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SurfacePoint],
    (colour, width, opacity): (&str, f64, f64),
) {
    for segment in zero_contour(points) {
        let ends = segment.map(|(x, y)| panel.at(x, y));
        drawing.polyline(&ends, colour, width, opacity);
    }
}

/// Returns the segments on which the score is 0, as (shape, texture) of their ends. A saddle has two segments, in the
/// order of its edges.
fn zero_contour(points: &[SurfacePoint]) -> Vec<[(f64, f64); 2]> {
    let side = side_length(points);
    let mut segments = Vec::new();
    for row in 0..side.saturating_sub(1) {
        for column in 0..side - 1 {
            let corner = |r: usize, c: usize| &points[(row + r) * side + column + c];
            let around = [corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)];
            let crossings = (0..4).filter_map(|i| crossing(around[i], around[(i + 1) % 4]));
            let crossings: Vec<_> = crossings.collect();
            segments.extend(crossings.as_chunks::<2>().0);
        }
    }
    segments
}

fn crossing(a: &SurfacePoint, b: &SurfacePoint) -> Option<(f64, f64)> {
    if (a.score > 0.0) == (b.score > 0.0) {
        return None;
    }
    let part = a.score / (a.score - b.score);
    let between = |a: f64, b: f64| a + part * (b - a);
    Some((between(a.shape, b.shape), between(a.texture, b.texture)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(score: impl Fn(f64, f64) -> f64) -> Vec<SurfacePoint> {
        let levels = || (0..5).map(|i| f64::from(i) / 4.0);
        let points = levels().flat_map(|shape| levels().map(move |texture| (shape, texture)));
        points
            .map(|(shape, texture)| SurfacePoint {
                shape,
                texture,
                score: score(shape, texture),
                abnormal: 0.0,
                intervals: None,
            })
            .collect()
    }

    #[test]
    fn the_zero_contour_of_a_plane_is_a_straight_line() {
        let segments = zero_contour(&surface(|shape, texture| shape + texture - 0.9));
        assert!(segments.len() >= 4);
        for (shape, texture) in segments.into_iter().flatten() {
            assert!((shape + texture - 0.9).abs() < 1e-12);
        }
    }

    #[test]
    fn a_surface_of_one_sign_has_no_contour() {
        assert!(zero_contour(&surface(|_, _| 1.0)).is_empty());
        assert!(zero_contour(&[]).is_empty());
    }
}
