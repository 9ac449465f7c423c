//! Points of the shape-texture plane: the order in which they are recorded, and the order in which figures show them.

/// Shape and texture level of the corners, in recorded order.
pub const CORNERS: [(f64, f64); 4] = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];

/// Returns the indices of the recorded points in display order.
///
/// `points` is the number of levels of each mode. Points are recorded row by row of shape, with texture rising. Figures
/// show a column per shape level and a row per texture level, the highest texture first.
///
/// ```
/// use nodule_analysis::plane::display_order;
///
/// // Points 1 and 3 have the higher of two texture levels.
/// assert_eq!(display_order(2).collect::<Vec<_>>(), [1, 3, 0, 2]);
/// ```
pub fn display_order(points: usize) -> impl Iterator<Item = usize> {
    let texture = (0..points).rev();
    texture.flat_map(move |t| (0..points).map(move |s| s * points + t))
}

/// Returns shape and texture level of a recorded point, each in [0, 1].
///
/// ```
/// use nodule_analysis::plane::point_levels;
///
/// assert_eq!(point_levels(3, 5), (0.5, 1.0));
/// ```
#[must_use]
pub fn point_levels(points: usize, point: usize) -> (f64, f64) {
    let last = points.saturating_sub(1).max(1) as f64;
    let level = |i: usize| i as f64 / last;
    (level(point / points), level(point % points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_starts_at_the_highest_texture_and_lowest_shape() {
        let shown: Vec<_> = display_order(9)
            .map(|point| point_levels(9, point))
            .collect();
        assert_eq!(shown.len(), 81);
        assert_eq!((shown[0], shown[8]), ((0.0, 1.0), (1.0, 1.0)));
        assert_eq!((shown[1], shown[80]), ((0.125, 1.0), (1.0, 0.0)));
    }
}
