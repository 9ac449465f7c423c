//! Sprite sheet: many square images in one.

use crate::Error;

/// Returns the pixels of a sheet with `columns` images `[size, size]` in each row, and its width. Images wider than
/// `most_pixels` are downsampled by averaging squares of pixels.
///
/// # Errors
/// If there is no image, an image is incomplete, or the last row is incomplete.
pub(super) fn sprite_sheet<'a>(
    images: impl ExactSizeIterator<Item = &'a [f32]>,
    (columns, size): (usize, usize),
    most_pixels: usize,
) -> Result<(Vec<f32>, usize), Error> {
    let fail = |reason: String| Err(Error::cannot_make("the explorer", reason));
    let n = images.len();
    if n == 0 || columns == 0 || size == 0 || !n.is_multiple_of(columns) {
        return fail(format!("{n} images do not fill rows of {columns}"));
    }
    let shrink = size.div_ceil(most_pixels);
    let small = size / shrink;
    let width = small * columns;
    let mut sheet = vec![0.0; n * small * small];
    for (place, image) in images.enumerate() {
        if image.len() != size * size {
            return fail(format!(
                "{} values are not an image {size} pixels wide",
                image.len()
            ));
        }
        let (left, top) = (place % columns * small, place / columns * small);
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
    fn a_sheet_holds_every_image_in_its_place_and_downsamples_large_ones() {
        let size = 128;
        let images: Vec<f32> = (0..6 * size * size).map(|i| (i % 997) as f32).collect();
        let images = images.chunks_exact(size * size);
        let (sheet, width) = sprite_sheet(images.clone(), (3, size), 96).unwrap();
        assert_eq!((width, sheet.len()), (192, 192 * 128));
        // The second image of the second row: the mean of its first 2x2 pixels.
        let image = images.clone().nth(4).unwrap();
        let mean = (image[0] + image[1] + image[size] + image[size + 1]) / 4.0;
        assert!((sheet[64 * 192 + 64] - mean).abs() < 1e-3);
    }

    #[test]
    fn incomplete_images_and_rows_are_rejected() {
        let error = |values: &[f32]| {
            let sheet = sprite_sheet(values.chunks(4), (2, 2), 96);
            sheet.unwrap_err().to_string()
        };
        assert!(error(&[0.0; 7]).contains("3 values"));
        assert!(error(&[0.0; 12]).contains("3 images"));
        assert!(error(&[]).contains("0 images"));
    }
}
