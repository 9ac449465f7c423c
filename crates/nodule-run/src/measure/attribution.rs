//! Attribution maps of a trained network, scored: where their mass lies, and whether the decision
//! agrees with them.

use candle_core::Tensor;
use nodule_eval::Spread;
use nodule_explain::score::{MassRatios, deletion_insertion, mass_ratios, pointing, regions};
use nodule_explain::{Method, Model, attribute};
use nodule_study::Error;
use nodule_study::records::MapScores;
use nodule_synth::DataSet;

use super::Decision;
use super::completeness::median_gap;
use crate::images::{image_tensor, map_values};

/// Half the width of the contour band, in pixels of a 64-pixel image (*ours*).
const BAND: f64 = 2.5;
/// Shares of the pixels in which deletion and insertion go.
const STEPS: usize = 10;
/// Noise of `SmoothGrad`: the same for every run.
const SEED: u64 = 0;

/// Scores on `data` of every method that can map the decision. `spread` is the unit of the decision value.
pub(crate) fn score_maps(
    decision: &Decision,
    data: &DataSet,
    spread: Spread,
) -> Result<Vec<MapScores>, Error> {
    let methods = Method::ALL.into_iter().filter(|m| m.applies_to(decision));
    methods
        .map(|method| score(method, decision, data, spread))
        .collect()
}

fn score(
    method: Method,
    decision: &Decision,
    data: &DataSet,
    spread: Spread,
) -> Result<MapScores, Error> {
    let (images, pixels) = (image_tensor(data)?, data.image_size * data.image_size);
    let maps = attribute(method, decision, &images, SEED)?;
    let candle = |e| Error::from(nodule_explain::Error::from(e));
    let values = map_values(&maps)?;
    let pairs = values.chunks(pixels).zip(data.masks.chunks(pixels));
    let pointed = pairs.map(|(map, mask)| pointing(map, mask));
    let pointed = pointed.collect::<Result<Vec<_>, _>>()?;
    let mass = mass(data, &values)?;

    let completeness_gap = match method {
        Method::IntegratedGradients => median_gap(decision, &images, &maps)?,
        _ => None,
    };

    // Towards the decision that was made: a map of a normal image should speak for normal.
    let decided = decision.decide(&images).and_then(|d| d.to_vec1::<f32>());
    let decided = decided.map_err(candle)?;
    let signs: Vec<f32> = decided
        .iter()
        .map(|d| if *d > 0.0 { 1.0 } else { -1.0 })
        .collect();
    let towards = Tensor::from_slice(&signs, (signs.len(), 1, 1, 1), images.device());
    let towards = towards
        .and_then(|t| maps.broadcast_mul(&t))
        .map_err(candle)?;
    let curves = deletion_insertion(decision, &images, &towards, STEPS)?;
    let areas = signs.iter().zip(curves.areas());
    let areas = areas.map(|(sign, (deletion, insertion))| {
        let towards = |area: f64| spread.in_spreads(f64::from(*sign) * area);
        (towards(deletion), towards(insertion))
    });
    let (deletion, insertion): (Vec<_>, Vec<_>) = areas.unzip();
    let all = |values: Vec<f64>| mean(values.into_iter()).unwrap_or_default();
    let part = |of: fn(&MassRatios) -> Option<f64>| mean(mass.iter().filter_map(of));
    Ok(MapScores {
        method,
        n: mass.len(),
        blank: pointed.iter().filter(|p| p.is_none()).count(),
        contour: part(|r| r.contour),
        interior: part(|r| r.interior),
        background: part(|r| r.background),
        pointing: mean(pointed.iter().flatten().map(|p| f64::from(u8::from(*p)))),
        deletion: all(deletion),
        insertion: all(insertion),
        completeness_gap,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Where the mass of each map lies.
pub(crate) fn mass(data: &DataSet, maps: &[f32]) -> Result<Vec<MassRatios>, Error> {
    let (size, band) = (data.image_size, BAND * data.image_size as f64 / 64.0);
    let pairs = maps.chunks(size * size).zip(data.masks.chunks(size * size));
    let ratio = |(map, mask)| Ok(mass_ratios(map, &regions(mask, size, band.max(1.0))?)?);
    pairs.map(ratio).collect()
}
