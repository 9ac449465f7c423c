//! All pictures of a square of shape and texture in one: a column a shape level, a row a texture level
//! from the highest.

use crate::Error;
use crate::analysis::square::shown_order;

/// Pictures are made smaller than this, in pixels, so that a page that holds them stays small.
const WIDEST: usize = 96;

/// The sheet of `images` `[points * points, size, size]`, recorded row by row of shape, and its width.
///
/// # Errors
/// If there are more or fewer pixels, or none.
pub(super) fn sheet(
    images: &[f32],
    points: usize,
    size: usize,
) -> Result<(Vec<f32>, usize), Error> {
    if images.is_empty() || images.len() != (points * size).pow(2) {
        let reason = format!(
            "{} values are no {points} x {points} pictures {size} wide",
            images.len()
        );
        return Err(Error::made("the explorer", reason));
    }
    let shrink = size.div_ceil(WIDEST);
    let small = size / shrink;
    let width = small * points;
    let mut sheet = vec![0.0; width * width];
    for (place, point) in shown_order(points).enumerate() {
        let image = &images[point * size * size..][..size * size];
        let (left, top) = (place % points * small, place / points * small);
        for y in 0..small {
            for x in 0..small {
                let rows = (0..shrink).flat_map(|dy| {
                    let start = (y * shrink + dy) * size + x * shrink;
                    &image[start..start + shrink]
                });
                let mean = rows.sum::<f32>() / (shrink * shrink) as f32;
                sheet[(top + y) * width + left + x] = mean;
            }
        }
    }
    Ok((sheet, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_holds_every_picture_in_its_place_and_shrinks_large_ones() {
        let (points, size) = (3usize, 128);
        let images: Vec<f32> = (0..(points * size).pow(2))
            .map(|i| (i % 997) as f32)
            .collect();
        let (sheet, width) = sheet(&images, points, size).unwrap();
        assert_eq!((width, sheet.len()), (64 * points, (64 * points).pow(2)));
        // The second picture of the first row: shape 1/2, texture 1; the mean of its first 2x2 pixels.
        let image = &images[5 * size * size..];
        let mean = (image[0] + image[1] + image[size] + image[size + 1]) / 4.0;
        assert!((sheet[64] - mean).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_square_is_refused() {
        let message = sheet(&[0.0; 5], 2, 1).unwrap_err().to_string();
        assert!(message.contains("5 values"), "{message}");
        assert!(sheet(&[], 0, 0).is_err());
    }
}
