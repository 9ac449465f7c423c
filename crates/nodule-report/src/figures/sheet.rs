//! Many pictures in one.

use crate::Error;

/// Pictures `[n, size, size]` in this order, so many in a row, and the width of it all. Those wider than `widest`
/// pixels are made smaller: each pixel is the mean of a square of them.
///
/// # Errors
/// If there are no pictures, no whole ones, or no whole rows of them.
pub(super) fn sheet<'a>(
    images: impl ExactSizeIterator<Item = &'a [f32]>,
    (in_a_row, size): (usize, usize),
    widest: usize,
) -> Result<(Vec<f32>, usize), Error> {
    let refuse = |reason: String| Err(Error::made("the explorer", reason));
    let n = images.len();
    if n == 0 || in_a_row == 0 || size == 0 || !n.is_multiple_of(in_a_row) {
        return refuse(format!("{n} pictures are no rows of {in_a_row}"));
    }
    let shrink = size.div_ceil(widest);
    let small = size / shrink;
    let width = small * in_a_row;
    let mut sheet = vec![0.0; n * small * small];
    for (place, image) in images.enumerate() {
        if image.len() != size * size {
            return refuse(format!("{} values are no picture {size} wide", image.len()));
        }
        let (left, top) = (place % in_a_row * small, place / in_a_row * small);
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
        let size = 128;
        let images: Vec<f32> = (0..6 * size * size).map(|i| (i % 997) as f32).collect();
        let images = images.chunks_exact(size * size);
        let (sheet, width) = sheet(images.clone(), (3, size), 96).unwrap();
        assert_eq!((width, sheet.len()), (192, 192 * 128));
        // The second picture of the second row: the mean of its first 2x2 pixels.
        let image = images.clone().nth(4).unwrap();
        let mean = (image[0] + image[1] + image[size] + image[size + 1]) / 4.0;
        assert!((sheet[64 * 192 + 64] - mean).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_sheet_is_refused() {
        let refused = |values: &[f32]| {
            let made = sheet(values.chunks(4), (2, 2), 96);
            made.unwrap_err().to_string()
        };
        assert!(refused(&[0.0; 7]).contains("3 values"));
        assert!(refused(&[0.0; 12]).contains("3 pictures"));
        assert!(refused(&[]).contains("0 pictures"));
    }
}
