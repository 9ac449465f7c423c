//! Scores of saliency maps against the nodule's mask: relevance mass per region, and the pointing game.

use nodule_config::Method;
use nodule_eval::saliency::{Regions, RelevanceMass, pointing_game, regions, relevance_mass};
use nodule_study::Error;
use nodule_study::records::MapScores;
use nodule_synth::DataSet;

/// Half the width of the contour band, in pixels of a 64-pixel image (*ours*).
const BAND: f64 = 2.5;

/// Returns the scores of `maps` `[n, size, size]` of the images of `data`. Deletion, insertion and completeness, which
/// need the network, are `None`.
///
/// # Errors
/// If a map is not finite, or the numbers of masks and maps differ.
pub fn score_method_maps(method: Method, data: &DataSet, maps: &[f32]) -> Result<MapScores, Error> {
    let pixels = data.image_size * data.image_size;
    let pairs = maps.chunks(pixels).zip(data.masks.chunks(pixels));
    let hits = pairs
        .map(|(map, mask)| pointing_game(map, mask))
        .collect::<Result<Vec<_>, _>>()?;
    let masses = relevance_masses(data.image_size, &data.masks, maps)?;
    let mean_mass =
        |region: fn(&RelevanceMass) -> Option<f64>| mean(masses.iter().filter_map(region));
    Ok(MapScores {
        method,
        n: masses.len(),
        blank: hits.iter().filter(|hit| hit.is_none()).count(),
        contour: mean_mass(|m| m.contour),
        interior: mean_mass(|m| m.interior),
        background: mean_mass(|m| m.background),
        pointing_game: mean(hits.iter().flatten().map(|hit| f64::from(u8::from(*hit)))),
        deletion: None,
        insertion: None,
        completeness_gap: None,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Returns the relevance mass of each map `[size, size]` in the regions of its mask.
///
/// # Errors
/// If a map is not finite, or the numbers of masks and maps differ.
pub fn relevance_masses(
    size: usize,
    masks: &[u8],
    maps: &[f32],
) -> Result<Vec<RelevanceMass>, Error> {
    relevance_masses_in(&score_regions(size, masks)?, maps)
}

/// Returns the regions (contour, interior, background) of each mask `[size, size]`.
///
/// # Errors
/// If the masks are not of that size.
pub fn score_regions(size: usize, masks: &[u8]) -> Result<Vec<Regions>, Error> {
    let band = BAND * size as f64 / 64.0;
    masks
        .chunks(size * size)
        .map(|mask| Ok(regions(mask, size, band.max(1.0))?))
        .collect()
}

/// Returns [`relevance_masses`] with precomputed regions, one per map.
///
/// # Errors
/// If a map is not finite, or the numbers of regions and maps differ.
pub fn relevance_masses_in(regions: &[Regions], maps: &[f32]) -> Result<Vec<RelevanceMass>, Error> {
    let pixels = maps.len() / regions.len().max(1);
    let pairs = maps.chunks(pixels.max(1)).zip(regions);
    pairs
        .map(|(map, regions)| Ok(relevance_mass(map, regions)?))
        .collect()
}
