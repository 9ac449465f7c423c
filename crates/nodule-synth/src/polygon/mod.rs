//! Closed polygons: area, centroid, extent, and the share of each pixel that they cover.

mod coverage;

pub(crate) use coverage::{Coverage, coverage};

/// Number of vertices of every generated or smoothed contour.
pub(crate) const VERTICES: usize = 128;

/// Returns the signed area (shoelace formula) and the centroid of a closed polygon.
pub(crate) fn area_and_centroid(points: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, [x0, y0]) in points.iter().enumerate() {
        let [x1, y1] = points[(i + 1) % points.len()];
        let cross = x0 * y1 - x1 * y0;
        area += cross / 2.0;
        x += (x0 + x1) * cross;
        y += (y0 + y1) * cross;
    }
    (area, [x / (6.0 * area), y / (6.0 * area)])
}

/// Returns the least and the greatest coordinate along an axis (0 for x, 1 for y).
pub(crate) fn extent(points: &[[f64; 2]], axis: usize) -> (f64, f64) {
    points
        .iter()
        .map(|point| point[axis])
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
}
