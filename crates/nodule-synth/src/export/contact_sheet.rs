//! A contact sheet: nodules side by side in one picture.

use image::GrayImage;

use super::grey;

/// Pixels between nodules, and around them.
const GAP: usize = 2;

/// Nodules side by side: each row a slice of images `[size, size]`, separated by a light line. What
/// an image holds beyond its `size * size` values is left out, and what it lacks stays light.
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
