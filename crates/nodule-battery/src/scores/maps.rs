//! Where the mass of attribution maps lies, and where they point.

use nodule_config::Method;
use nodule_eval::saliency::{Regions, RelevanceMass, pointing_game, regions, relevance_mass};
use nodule_study::Error;
use nodule_study::records::MapScores;
use nodule_synth::DataSet;

/// Half the width of the contour band, in pixels of a 64-pixel image (*ours*).
const BAND: f64 = 2.5;

/// Scores of `maps` `[n, size, size]` of the images of `data`, without those that ask the network again:
/// deletion, insertion and completeness are none.
///
/// # Errors
/// If a map is not finite, or masks and maps do not fit together.
pub fn map_scores(method: Method, data: &DataSet, maps: &[f32]) -> Result<MapScores, Error> {
    let pixels = data.image_size * data.image_size;
    let pairs = maps.chunks(pixels).zip(data.masks.chunks(pixels));
    let pointed = pairs.map(|(map, mask)| pointing_game(map, mask));
    let pointed = pointed.collect::<Result<Vec<_>, _>>()?;
    let mass = mass(data.image_size, &data.masks, maps)?;
    let part = |of: fn(&RelevanceMass) -> Option<f64>| mean(mass.iter().filter_map(of));
    Ok(MapScores {
        method,
        n: mass.len(),
        blank: pointed.iter().filter(|p| p.is_none()).count(),
        contour: part(|r| r.contour),
        interior: part(|r| r.interior),
        background: part(|r| r.background),
        pointing_game: mean(pointed.iter().flatten().map(|p| f64::from(u8::from(*p)))),
        deletion: None,
        insertion: None,
        completeness_gap: None,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Where the mass of each map `[size, size]` lies.
///
/// # Errors
/// If a map is not finite, or masks and maps do not fit together.
pub fn mass(size: usize, masks: &[u8], maps: &[f32]) -> Result<Vec<RelevanceMass>, Error> {
    mass_in(&map_regions(size, masks)?, maps)
}

/// The regions that the mass of maps is told by, one a mask `[size, size]`.
///
/// # Errors
/// If the masks are not of that size.
pub fn map_regions(size: usize, masks: &[u8]) -> Result<Vec<Regions>, Error> {
    let band = BAND * size as f64 / 64.0;
    let of_mask = |mask| Ok(regions(mask, size, band.max(1.0))?);
    masks.chunks(size * size).map(of_mask).collect()
}

/// [`mass`] of one map for each of `regions`, which many maps may share.
///
/// # Errors
/// If a map is not finite, or regions and maps do not fit together.
pub fn mass_in(regions: &[Regions], maps: &[f32]) -> Result<Vec<RelevanceMass>, Error> {
    let pixels = maps.len() / regions.len().max(1);
    let pairs = maps.chunks(pixels.max(1)).zip(regions);
    let ratio = |(map, regions)| Ok(relevance_mass(map, regions)?);
    pairs.map(ratio).collect()
}
