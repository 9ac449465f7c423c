//! Exact coverage: the share of each pixel that a polygon covers.
//!
//! Each edge is cut at pixel borders. A piece inside one pixel changes the coverage of that pixel by the area to its
//! right within the pixel, and the coverage of all pixels further right in its row by its height. A running sum along
//! each row therefore gives the coverage, and the shares add up to the polygon's area.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::extent;

/// Coverage of an image by a polygon.
pub(crate) struct Coverage {
    /// Share of each pixel in [0, 1], `[size, size]`.
    pub(crate) shares: Vec<f32>,
    /// For each row that the polygon reaches, the range of pixel indices outside which every share is 0.
    pub(crate) spans: Vec<Range<usize>>,
}

/// Returns the coverage of an image `size` pixels wide by a polygon in pixel coordinates, in either orientation.
/// Parts outside the image are ignored.
pub(crate) fn coverage(polygon: &[[f64; 2]], size: usize) -> Coverage {
    let [(left, right), (top, bottom)] = [0, 1].map(|axis| extent(polygon, axis));
    let pixel = |at: f64| (at.max(0.0) as usize).min(size);
    let rows = pixel(top)..pixel(bottom.ceil());
    // A piece changes its pixel and the next one; rounding may add one more.
    let columns = pixel(left - 1.0)..pixel(right + 3.0);
    let mut changes = vec![0.0; rows.len() * (size + 2)];
    Arch::new().dispatch(AddEdges {
        polygon,
        size,
        first_row: rows.start,
        changes: &mut changes,
    });
    let mut shares = vec![0.0; size * size];
    let spans = rows.zip(changes.chunks(size + 2)).map(|(row, changes)| {
        let start = row * size;
        let shares = &mut shares[start..start + size];
        let mut sum = 0.0;
        let share = |sum: f64| (sum.abs() as f32).min(1.0);
        let within = shares[columns.clone()].iter_mut();
        for (pixel, change) in within.zip(&changes[columns.clone()]) {
            sum += change;
            *pixel = share(sum);
        }
        // Rounding may leave a small remainder.
        shares[columns.end..].fill(share(sum));
        let end = shares.iter().rposition(|s| *s > 0.0).map_or(0, |i| i + 1);
        let first = shares[..end].iter().position(|s| *s > 0.0);
        start + first.unwrap_or(end)..start + end
    });
    let spans = spans.collect();
    Coverage { shares, spans }
}

/// Adds all edges of a polygon, with the vector instructions of the processor.
struct AddEdges<'a> {
    polygon: &'a [[f64; 2]],
    size: usize,
    /// Row of the image that `changes` starts with.
    first_row: usize,
    /// Change of coverage from each pixel to the next in its row, `[rows, size + 2]`. The two extra columns collect
    /// changes to the right of the image.
    changes: &'a mut [f64],
}

impl WithSimd for AddEdges<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        for (i, start) in self.polygon.iter().enumerate() {
            let next = (i + 1) % self.polygon.len();
            self.cut_at_rows(*start, self.polygon[next]);
        }
    }
}

impl AddEdges<'_> {
    /// Cuts an edge at row borders.
    #[inline(always)]
    fn cut_at_rows(&mut self, [x0, y0]: [f64; 2], [x1, y1]: [f64; 2]) {
        if y0 == y1 {
            return;
        }
        let (top, bottom) = (y0.min(y1).max(0.0), y0.max(y1).min(self.size as f64));
        if top >= bottom {
            return;
        }
        let x_at = |y: f64| x0 + (y - y0) / (y1 - y0) * (x1 - x0);
        let sign = if y1 > y0 { 1.0 } else { -1.0 };
        let (mut x, mut y) = (x_at(top), top);
        while y < bottom {
            let row = y as usize;
            let next = ((row + 1) as f64).min(bottom);
            let x_next = x_at(next);
            self.cut_at_columns(row, x, x_next, sign * (next - y));
            (x, y) = (x_next, next);
        }
    }

    /// Cuts a piece within one row, of signed height `height`, at column borders.
    #[inline(always)]
    fn cut_at_columns(&mut self, row: usize, x0: f64, x1: f64, height: f64) {
        let (left, right) = (x0.min(x1), x0.max(x1));
        if right - left < 1e-12 {
            return self.add_piece(row, left, left, height);
        }
        let mut x = left;
        while x < right {
            let next = (x.floor() + 1.0).min(right);
            self.add_piece(row, x, next, height * (next - x) / (right - left));
            x = next;
        }
    }

    /// Adds a piece within one pixel.
    #[inline(always)]
    fn add_piece(&mut self, row: usize, x0: f64, x1: f64, height: f64) {
        let middle = f64::midpoint(x0, x1).clamp(0.0, self.size as f64);
        let column = middle as usize;
        let to_the_left = middle - column as f64;
        let row = &mut self.changes[(row - self.first_row) * (self.size + 2)..];
        row[column] += height * (1.0 - to_the_left);
        row[column + 1] += height * to_the_left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_covers_its_share_of_every_pixel() {
        let rectangle = [[0.5, 1.0], [2.25, 1.0], [2.25, 2.5], [0.5, 2.5]];
        let Coverage { shares, spans } = coverage(&rectangle, 4);
        assert_eq!(spans, [4..7, 8..11]);
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
    fn the_shares_add_up_to_the_area_in_both_orientations() {
        let mut triangle = vec![[1.3, 0.7], [12.9, 4.1], [5.2, 14.6]];
        let area = |p: &[[f64; 2]]| crate::polygon::area_and_centroid(p).0.abs();
        for _ in 0..2 {
            let sum: f32 = coverage(&triangle, 16).shares.iter().sum();
            assert!((f64::from(sum) - area(&triangle)).abs() < 1e-4, "{sum}");
            triangle.reverse();
        }
    }

    #[test]
    fn parts_outside_the_image_are_ignored() {
        let square = [[-3.0, -3.0], [2.0, -3.0], [2.0, 2.0], [-3.0, 2.0]];
        let sum: f32 = coverage(&square, 4).shares.iter().sum();
        assert!((sum - 4.0).abs() < 1e-5, "{sum}");
        let beyond = [[3.0, 1.0], [9.0, 1.0], [9.0, 2.0], [3.0, 2.0]];
        let sum: f32 = coverage(&beyond, 4).shares.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
}
