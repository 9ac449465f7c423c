//! Where a landscape crosses 0: marching squares with one straight piece a patch.

use nodule_study::records::SurfacePoint;

/// Points along one side of a square landscape.
pub(super) fn side(points: &[SurfacePoint]) -> usize {
    (points.len() as f64).sqrt().round() as usize
}

/// Pieces of the line on which the score is 0, as (shape, texture) of their ends. A saddle is cut
/// into two pieces in the order of its edges.
pub(super) fn boundary(points: &[SurfacePoint]) -> Vec<[(f64, f64); 2]> {
    let side = side(points);
    let mut pieces = Vec::new();
    for row in 0..side.saturating_sub(1) {
        for column in 0..side - 1 {
            let corner = |r: usize, c: usize| &points[(row + r) * side + column + c];
            let around = [corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)];
            let crossings = (0..4).filter_map(|i| crossing(around[i], around[(i + 1) % 4]));
            let crossings: Vec<_> = crossings.collect();
            pieces.extend(crossings.as_chunks::<2>().0);
        }
    }
    pieces
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

    fn landscape(score: impl Fn(f64, f64) -> f64) -> Vec<SurfacePoint> {
        let levels = || (0..5).map(|i| f64::from(i) / 4.0);
        let points = levels().flat_map(|shape| levels().map(move |texture| (shape, texture)));
        points
            .map(|(shape, texture)| SurfacePoint {
                shape,
                texture,
                score: score(shape, texture),
                abnormal: 0.0,
            })
            .collect()
    }

    #[test]
    fn a_plane_is_cut_along_a_straight_line() {
        let pieces = boundary(&landscape(|shape, texture| shape + texture - 0.9));
        assert!(pieces.len() >= 4);
        for (shape, texture) in pieces.into_iter().flatten() {
            assert!((shape + texture - 0.9).abs() < 1e-12);
        }
    }

    #[test]
    fn what_has_one_sign_has_no_boundary() {
        assert!(boundary(&landscape(|_, _| 1.0)).is_empty());
        assert!(boundary(&[]).is_empty());
    }
}
