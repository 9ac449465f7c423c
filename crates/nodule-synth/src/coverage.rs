//! Exact coverage: what share of each pixel a polygon covers.
//!
//! Each edge is cut at pixel borders. A piece inside one pixel changes the coverage of that pixel
//! by the area to its right within it, and of all pixels further right in its row by its height:
//! so one running sum along each row gives the answer, and the shares add up to the polygon's area.

use std::ops::Range;

/// What a polygon covers of an image.
pub(crate) struct Coverage {
    /// Share of each pixel in [0, 1], `[size, size]`.
    pub(crate) shares: Vec<f32>,
    /// Rows outside of which every share is 0.
    pub(crate) rows: Range<usize>,
}

/// The coverage of an image `size` pixels wide by a polygon in pixel coordinates, either way round.
/// What lies outside the image is cut off.
pub(crate) fn coverage(polygon: &[[f64; 2]], size: usize) -> Coverage {
    // One column more takes what lies to the right of the last one.
    let columns = size + 2;
    let rows = rows(polygon, size);
    let mut change = vec![0.0f64; size * columns];
    for (i, start) in polygon.iter().enumerate() {
        add_edge(&mut change, *start, polygon[(i + 1) % polygon.len()], size);
    }
    let mut shares = vec![0.0; size * size];
    for row in rows.clone() {
        let changes = &change[row * columns..][..size];
        let mut sum = 0.0;
        for (share, change) in shares[row * size..][..size].iter_mut().zip(changes) {
            sum += change;
            *share = (sum.abs() as f32).min(1.0);
        }
    }
    Coverage { shares, rows }
}

/// The rows that a polygon reaches.
fn rows(polygon: &[[f64; 2]], size: usize) -> Range<usize> {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    let (top, bottom) = polygon
        .iter()
        .fold(ends, |(top, bottom), [_, y]| (top.min(*y), bottom.max(*y)));
    let row = |y: f64| (y.max(0.0) as usize).min(size);
    row(top)..row(bottom.ceil())
}

/// Cuts an edge at the rows' borders.
fn add_edge(change: &mut [f64], [x0, y0]: [f64; 2], [x1, y1]: [f64; 2], size: usize) {
    if y0 == y1 {
        return;
    }
    let (top, bottom) = (y0.min(y1).max(0.0), y0.max(y1).min(size as f64));
    if top >= bottom {
        return;
    }
    let x_at = |y: f64| x0 + (y - y0) / (y1 - y0) * (x1 - x0);
    let sign = if y1 > y0 { 1.0 } else { -1.0 };
    let mut y = top;
    while y < bottom {
        let row = y as usize;
        let next = ((row + 1) as f64).min(bottom);
        let changes = &mut change[row * (size + 2)..][..size + 2];
        add_span(changes, x_at(y), x_at(next), sign * (next - y), size);
        y = next;
    }
}

/// Cuts a piece within one row, `height` tall, at the columns' borders.
fn add_span(row: &mut [f64], x0: f64, x1: f64, height: f64, size: usize) {
    let width = size as f64;
    let (left, right) = (x0.min(x1), x0.max(x1));
    if right - left < 1e-12 {
        return add_piece(row, left, left, height, width);
    }
    let mut x = left;
    while x < right {
        let next = (x.floor() + 1.0).min(right);
        add_piece(row, x, next, height * (next - x) / (right - left), width);
        x = next;
    }
}

/// Adds a piece within one pixel.
fn add_piece(row: &mut [f64], x0: f64, x1: f64, height: f64, width: f64) {
    let middle = f64::midpoint(x0, x1).clamp(0.0, width);
    let column = middle as usize;
    let to_the_left = middle - column as f64;
    row[column] += height * (1.0 - to_the_left);
    row[column + 1] += height * to_the_left;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_covers_its_share_of_every_pixel() {
        let rectangle = [[0.5, 1.0], [2.25, 1.0], [2.25, 2.5], [0.5, 2.5]];
        let Coverage { shares, rows } = coverage(&rectangle, 4);
        assert_eq!(rows, 1..3);
        let expected = [
            0.0, 0.0, 0.0, 0.0, //
            0.5, 1.0, 0.25, 0.0, //
            0.25, 0.5, 0.125, 0.0, //
            0.0, 0.0, 0.0, 0.0,
        ];
        for (share, expected) in shares.iter().zip(expected) {
            assert!((share - expected).abs() < 1e-6, "{shares:?}");
        }
    }

    #[test]
    fn the_shares_add_up_to_the_area_either_way_round() {
        let mut triangle = vec![[1.3, 0.7], [12.9, 4.1], [5.2, 14.6]];
        let area = |p: &[[f64; 2]]| crate::contour::area_and_centroid(p).0.abs();
        for _ in 0..2 {
            let sum: f32 = coverage(&triangle, 16).shares.iter().sum();
            assert!((f64::from(sum) - area(&triangle)).abs() < 1e-4, "{sum}");
            triangle.reverse();
        }
    }

    #[test]
    fn what_leaves_the_image_is_cut_off() {
        let square = [[-3.0, -3.0], [2.0, -3.0], [2.0, 2.0], [-3.0, 2.0]];
        let sum: f32 = coverage(&square, 4).shares.iter().sum();
        assert!((sum - 4.0).abs() < 1e-5, "{sum}");
        let beyond = [[3.0, 1.0], [9.0, 1.0], [9.0, 2.0], [3.0, 2.0]];
        let sum: f32 = coverage(&beyond, 4).shares.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
}
