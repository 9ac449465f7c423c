//! Exact coverage: what share of each pixel a polygon covers.
//!
//! Each edge is cut at pixel borders. A piece inside one pixel changes the coverage of that pixel
//! by the area to its right within it, and of all pixels further right in its row by its height:
//! so one running sum along each row gives the answer, and the shares add up to the polygon's area.

/// Coverage in [0, 1] of each pixel, `[size, size]`, by a polygon in pixel coordinates, either way
/// round. What lies outside the image is cut off.
pub(crate) fn coverage(polygon: &[[f64; 2]], size: usize) -> Vec<f32> {
    // One column more takes what lies to the right of the last one.
    let columns = size + 2;
    let mut change = vec![0.0f64; size * columns];
    for (i, start) in polygon.iter().enumerate() {
        add_edge(&mut change, *start, polygon[(i + 1) % polygon.len()], size);
    }
    let mut shares = Vec::with_capacity(size * size);
    for row in change.chunks(columns) {
        let mut sum = 0.0;
        shares.extend(row[..size].iter().map(|c| {
            sum += c;
            (sum.abs() as f32).min(1.0)
        }));
    }
    shares
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
        let shares = coverage(&rectangle, 4);
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
            let sum: f32 = coverage(&triangle, 16).iter().sum();
            assert!((f64::from(sum) - area(&triangle)).abs() < 1e-4, "{sum}");
            triangle.reverse();
        }
    }

    #[test]
    fn what_leaves_the_image_is_cut_off() {
        let square = [[-3.0, -3.0], [2.0, -3.0], [2.0, 2.0], [-3.0, 2.0]];
        let sum: f32 = coverage(&square, 4).iter().sum();
        assert!((sum - 4.0).abs() < 1e-5, "{sum}");
        let beyond = [[3.0, 1.0], [9.0, 1.0], [9.0, 2.0], [3.0, 2.0]];
        let sum: f32 = coverage(&beyond, 4).iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
}
