//! Where a map's mass lies: in the band around the contour, in the interior, in the background.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{all_finite, setting};

/// The regions of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Of each pixel, `[h, w]`: 0 background, 1 contour band, 2 interior.
    of_pixel: Vec<u8>,
    counts: [usize; 3],
}

/// Share of a map's mass in each region over the region's share of the area: 1 where the map does
/// not care. `None` for a blank map, and for a region without a pixel.
///
/// The share of the mass alone is the relevance mass accuracy (Arras et al. 2022) of a
/// map of absolute values; the division by the area is *ours*, so that regions of different sizes
/// compare: multiply by the region's share of the area to have it back.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MassRatios {
    /// Within the band's width of the mask's border.
    pub contour: Option<f64>,
    /// Inside the mask, away from its border.
    pub interior: Option<f64>,
    /// Outside the mask, away from its border.
    pub background: Option<f64>,
}

/// The regions of a `mask` `[h, w]` (0 outside): the band holds every pixel within `band` pixels
/// (Euclidean, between centres) of one on the other side.
///
/// # Errors
/// [`Error::Setting`] if the mask is not rows of `width` or `band` is below 1.
pub fn regions(mask: &[u8], width: usize, band: f64) -> Result<Regions, Error> {
    if width == 0 || mask.is_empty() || !mask.len().is_multiple_of(width) {
        let found = format!("{} pixels", mask.len());
        return Err(setting("mask", found, &format!("rows of {width} pixels")));
    }
    if !(band.is_finite() && band >= 1.0) {
        return Err(setting("band", band, "1 pixel or more"));
    }
    let height = mask.len() / width;
    // No two pixels are further apart, and no band needs to look further.
    let reach = (band as usize).min(height.max(width));
    let other_side = |y: usize, x: usize| {
        let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
        let mut near = rows.flat_map(|v| {
            let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
            columns.map(move |u| (v, u))
        });
        near.any(|(v, u)| {
            let (dy, dx) = (v.abs_diff(y) as f64, u.abs_diff(x) as f64);
            (mask[v * width + u] > 0) != (mask[y * width + x] > 0)
                && dx * dx + dy * dy <= band * band
        })
    };
    let region = |i: usize| match (other_side(i / width, i % width), mask[i] > 0) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    };
    let of_pixel: Vec<u8> = (0..mask.len()).map(region).collect();
    let counts = [0, 1, 2].map(|r| of_pixel.iter().filter(|p| **p == r).count());
    Ok(Regions { of_pixel, counts })
}

/// Mass ratios of a `map` `[h, w]`; mass is the absolute value.
///
/// # Errors
/// [`Error::Setting`] if the map is not as large as the regions; [`Error::NotFinite`] if a value of
/// it is not finite.
pub fn mass_ratios(map: &[f32], regions: &Regions) -> Result<MassRatios, Error> {
    if map.len() != regions.of_pixel.len() {
        let allowed = format!("{} pixels, as the mask has", regions.of_pixel.len());
        return Err(setting("map", format!("{} pixels", map.len()), &allowed));
    }
    all_finite("map", map)?;
    let mut mass = [0.0f64; 3];
    for (value, region) in map.iter().zip(&regions.of_pixel) {
        mass[usize::from(*region)] += f64::from(value.abs());
    }
    let total: f64 = mass.iter().sum();
    let ratio = |region: usize| {
        let area = regions.counts[region] as f64 / map.len() as f64;
        (total > 0.0 && area > 0.0).then(|| mass[region] / total / area)
    };
    Ok(MassRatios {
        contour: ratio(1),
        interior: ratio(2),
        background: ratio(0),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    /// A 7x7 mask with a 5x5 square in it: a band of 1 leaves a 3x3 interior.
    fn square() -> Vec<u8> {
        (0..49)
            .map(|i| u8::from((1..6).contains(&(i % 7)) && (1..6).contains(&(i / 7))))
            .collect()
    }

    #[test]
    fn a_band_lies_on_both_sides_of_the_border() {
        let found = regions(&square(), 7, 1.0).unwrap();
        let corner_is_background = found.of_pixel[0] == 0;
        assert!(corner_is_background);
        assert_eq!(found.counts, [4, 16 + 20, 9]);
    }

    #[test]
    fn a_flat_map_has_ratios_of_one_and_a_blank_one_has_none() {
        let found = regions(&square(), 7, 1.0).unwrap();
        let flat = mass_ratios(&[-0.5; 49], &found).unwrap();
        for ratio in [flat.contour, flat.interior, flat.background] {
            assert!((ratio.unwrap() - 1.0).abs() < 1e-12);
        }
        assert_eq!(mass_ratios(&[0.0; 49], &found).unwrap().contour, None);
        let mut point = [0.0; 49];
        point[24] = 2.0;
        let inside = mass_ratios(&point, &found).unwrap();
        assert!((inside.interior.unwrap() - 49.0 / 9.0).abs() < 1e-12);
        assert_eq!(inside.contour, Some(0.0));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(regions(&[1; 10], 7, 1.0).is_err());
        assert!(regions(&square(), 7, 0.5).is_err());
        let found = regions(&square(), 7, 1.0).unwrap();
        assert!(mass_ratios(&[0.0; 10], &found).is_err());
        assert!(mass_ratios(&[f32::INFINITY; 49], &found).is_err());
    }

    #[test]
    fn a_band_may_be_wider_than_the_image() {
        let found = regions(&square(), 7, f64::MAX).unwrap();
        assert_eq!(found.counts, [0, 49, 0]);
    }
}
