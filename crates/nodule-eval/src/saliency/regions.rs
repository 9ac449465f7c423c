//! The regions of an image that relevance is summed over: contour band, interior, background.

use nodule_error::invalid_value;

use crate::Error;

/// Contour band, interior and background of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Index of each pixel's region, `[h, w]`.
    pub(super) region_of_pixel: Vec<u8>,
    /// Number of pixels by region.
    pub(super) counts: [usize; 3],
}

/// Index of the background.
pub(super) const BACKGROUND: usize = 0;
/// Index of the contour band.
pub(super) const CONTOUR: usize = 1;
/// Index of the interior.
pub(super) const INTERIOR: usize = 2;

/// Returns the regions of a `mask` `[h, w]` (0 outside). The contour band holds every pixel within `band` pixels
/// (Euclidean, between centres) of a pixel on the other side of the border.
///
/// # Errors
/// If the mask does not consist of rows of `width`, or `band` is below 1.
pub fn regions(mask: &[u8], width: usize, band: f64) -> Result<Regions, Error> {
    if width == 0 || mask.is_empty() || !mask.len().is_multiple_of(width) {
        let found = format!("{} pixels", mask.len());
        return Err(invalid_value("mask", found, format!("rows of {width} pixels")).into());
    }
    if !(band.is_finite() && band >= 1.0) {
        return Err(invalid_value("band", band, "1 pixel or more").into());
    }
    let height = mask.len() / width;
    // No two pixels are farther apart than the image is large.
    let reach = (band as usize).min(height.max(width));
    let is_near_border = |y: usize, x: usize| {
        let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
        let mut neighbours = rows.flat_map(|v| {
            let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
            columns.map(move |u| (v, u))
        });
        neighbours.any(|(v, u)| {
            let (dy, dx) = (v.abs_diff(y) as f64, u.abs_diff(x) as f64);
            (mask[v * width + u] > 0) != (mask[y * width + x] > 0)
                && dx * dx + dy * dy <= band * band
        })
    };
    let region = |i: usize| match (is_near_border(i / width, i % width), mask[i] > 0) {
        (true, _) => CONTOUR as u8,
        (false, true) => INTERIOR as u8,
        (false, false) => BACKGROUND as u8,
    };
    let region_of_pixel: Vec<u8> = (0..mask.len()).map(region).collect();
    let count = |r: usize| {
        let pixels = region_of_pixel.iter();
        pixels.filter(|p| usize::from(**p) == r).count()
    };
    let counts = [BACKGROUND, CONTOUR, INTERIOR].map(count);
    Ok(Regions {
        region_of_pixel,
        counts,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A 7x7 mask with a 5x5 square in it: a band of 1 leaves a 3x3 interior.
    pub(in crate::saliency) fn square() -> Vec<u8> {
        (0..49)
            .map(|i| u8::from((1..6).contains(&(i % 7)) && (1..6).contains(&(i / 7))))
            .collect()
    }

    #[test]
    fn the_band_lies_on_both_sides_of_the_border() {
        let found = regions(&square(), 7, 1.0).unwrap();
        assert_eq!(usize::from(found.region_of_pixel[0]), BACKGROUND);
        assert_eq!(found.counts, [4, 16 + 20, 9]);
    }

    #[test]
    fn rejects_ragged_rows_and_narrow_bands() {
        assert!(regions(&[1; 10], 7, 1.0).is_err());
        assert!(regions(&square(), 7, 0.5).is_err());
    }

    #[test]
    fn a_band_may_be_wider_than_the_image() {
        let found = regions(&square(), 7, f64::MAX).unwrap();
        assert_eq!(found.counts, [0, 49, 0]);
    }
}
