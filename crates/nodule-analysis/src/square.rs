//! The square of shape and texture: in which order its points are recorded, and in which they are shown.

/// Indices of the recorded points (row by row of shape, texture rising) in the order in which pictures
/// show them: a column a shape level, a row a texture level from the highest.
pub fn shown_order(points: usize) -> impl Iterator<Item = usize> {
    let texture = (0..points).rev();
    texture.flat_map(move |t| (0..points).map(move |s| s * points + t))
}

/// Shape and texture level of its corners, in the order in which they are recorded.
pub const CORNERS: [(f64, f64); 4] = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];

/// Shape and texture level of a recorded point, each in [0, 1].
pub fn levels(points: usize, point: usize) -> (f64, f64) {
    let last = points.saturating_sub(1).max(1) as f64;
    let along = |i: usize| i as f64 / last;
    (along(point / points), along(point % points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_point_shown_is_the_most_heterogeneous_and_least_irregular() {
        let shown: Vec<_> = shown_order(9).map(|point| levels(9, point)).collect();
        assert_eq!(shown.len(), 81);
        assert_eq!((shown[0], shown[8]), ((0.0, 1.0), (1.0, 1.0)));
        assert_eq!((shown[1], shown[80]), ((0.125, 1.0), (1.0, 0.0)));
    }
}
