//! Contact sheet: images side by side in one picture.

use image::GrayImage;

use super::grey;

/// Width of the border around and between images, in pixels.
const GAP: usize = 2;

/// Returns a picture of images `[size, size]` side by side, row by row, separated by light lines.
///
/// Excess values of an image are ignored; missing ones stay light.
///
/// ```
/// use nodule_synth::export::contact_sheet;
///
/// let image = vec![0.5; 16 * 16];
/// let sheet = contact_sheet(&[vec![&image, &image]], 16);
/// assert_eq!(sheet.dimensions(), (38, 20));
/// ```
#[must_use]
pub fn contact_sheet(rows: &[Vec<&[f32]>], size: usize) -> GrayImage {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let extent = |count: usize| (count * (size + GAP) + GAP) as u32;
    let mut sheet = GrayImage::from_pixel(extent(columns), extent(rows.len()), image::Luma([255]));
    for (r, row) in rows.iter().enumerate() {
        for (c, picture) in row.iter().enumerate() {
            for (i, value) in picture.iter().take(size * size).enumerate() {
                let x = GAP + c * (size + GAP) + i % size;
                let y = GAP + r * (size + GAP) + i / size;
                sheet.put_pixel(x as u32, y as u32, image::Luma([grey(*value)]));
            }
        }
    }
    sheet
}
