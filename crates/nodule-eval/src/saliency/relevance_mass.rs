//! Relevance mass: the share of a map's mass in each region.

use nodule_error::invalid_value;
use serde::{Deserialize, Serialize};

use super::regions::{BACKGROUND, CONTOUR, INTERIOR, Regions};
use crate::Error;
use crate::check::check_finite;

/// Relevance mass by region: the region's share of the map's mass, divided by its share of the area. 1 for a uniform
/// map; `None` for a blank map and for a region without pixels.
///
/// The share of the mass alone is the relevance mass accuracy (Arras et al. 2022) of a map of absolute values. The
/// division by the area is *ours*: it makes regions of different sizes comparable. Multiply by the region's share of
/// the area to undo it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RelevanceMass {
    /// Within the band's width of the mask's border.
    pub contour: Option<f64>,
    /// Inside the mask, away from its border.
    pub interior: Option<f64>,
    /// Outside the mask, away from its border.
    pub background: Option<f64>,
}

/// Returns the relevance mass of a `map` `[h, w]`; mass is the absolute value.
///
/// # Errors
/// If the map is not as large as the regions, or a value of it is not finite.
pub fn relevance_mass(map: &[f32], regions: &Regions) -> Result<RelevanceMass, Error> {
    if map.len() != regions.region_of_pixel.len() {
        let allowed = format!("{} pixels, as the mask has", regions.region_of_pixel.len());
        return Err(invalid_value("map", format!("{} pixels", map.len()), allowed).into());
    }
    check_finite("map", map)?;
    let mut mass = [0.0f64; 3];
    for (value, region) in map.iter().zip(&regions.region_of_pixel) {
        mass[usize::from(*region)] += f64::from(value.abs());
    }
    let total: f64 = mass.iter().sum();
    let ratio = |region: usize| {
        let area = regions.counts[region] as f64 / map.len() as f64;
        (total > 0.0 && area > 0.0).then(|| mass[region] / total / area)
    };
    Ok(RelevanceMass {
        contour: ratio(CONTOUR),
        interior: ratio(INTERIOR),
        background: ratio(BACKGROUND),
    })
}

#[cfg(test)]
mod tests {
    use super::super::regions::{regions, tests::square};
    use super::*;

    #[test]
    fn a_uniform_map_has_ratios_of_one_and_a_blank_map_has_none() {
        let square = regions(&square(), 7, 1.0).unwrap();
        let uniform = relevance_mass(&[-0.5; 49], &square).unwrap();
        for ratio in [uniform.contour, uniform.interior, uniform.background] {
            assert!((ratio.unwrap() - 1.0).abs() < 1e-12);
        }
        assert_eq!(relevance_mass(&[0.0; 49], &square).unwrap().contour, None);
        let mut point = [0.0; 49];
        point[24] = 2.0;
        let inside = relevance_mass(&point, &square).unwrap();
        assert!((inside.interior.unwrap() - 49.0 / 9.0).abs() < 1e-12);
        assert_eq!(inside.contour, Some(0.0));
    }

    #[test]
    fn rejects_maps_of_another_size_or_with_infinite_values() {
        let square = regions(&square(), 7, 1.0).unwrap();
        assert!(relevance_mass(&[0.0; 10], &square).is_err());
        assert!(relevance_mass(&[f32::INFINITY; 49], &square).is_err());
    }
}
