//! Attribution maps of a trained network, scored: where their mass lies, and whether the decision
//! agrees with them.

use crate::Error;
use candle_core::Tensor;
use nodule_battery::scores::score_method_maps;
use nodule_eval::ScoreSd;
use nodule_explain::metrics::deletion_insertion;
use nodule_explain::{Method, Model, applies_to, default_attribution};
use nodule_study::records::MapScores;
use nodule_synth::DataSet;

use super::Decision;
use super::completeness::median_gap;
use crate::images::{image_tensor, map_values};

/// Shares of the pixels in which deletion and insertion go.
const STEPS: usize = 10;
/// Noise of `SmoothGrad`: the same for every run.
const SEED: u64 = 0;

/// Scores on `data` of every method that can map the decision. `spread` is the unit of the decision value.
pub(crate) fn score_maps(
    decision: &Decision,
    data: &DataSet,
    spread: ScoreSd,
) -> Result<Vec<MapScores>, Error> {
    let methods = Method::ALL.into_iter().filter(|m| applies_to(*m, decision));
    methods
        .map(|method| score(method, decision, data, spread))
        .collect()
}

fn score(
    method: Method,
    decision: &Decision,
    data: &DataSet,
    spread: ScoreSd,
) -> Result<MapScores, Error> {
    let images = image_tensor(data)?;
    let maps = default_attribution(method, SEED).attribute(decision, &images)?;
    let candle = |e| Error::from(nodule_explain::Error::from(e));
    let values = map_values(&maps)?;

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
    let areas = signs.iter().zip(curves.means());
    let areas = areas.map(|(sign, (deletion, insertion))| {
        let towards = |area: f64| spread.to_sd_units(f64::from(*sign) * area);
        (towards(deletion), towards(insertion))
    });
    let (deletion, insertion): (Vec<_>, Vec<_>) = areas.unzip();
    let mean = |values: Vec<f64>| {
        let sum = values.iter().fold(0.0, |sum, v| sum + v);
        sum / values.len().max(1) as f64
    };
    Ok(MapScores {
        deletion: Some(mean(deletion)),
        insertion: Some(mean(insertion)),
        completeness_gap,
        ..score_method_maps(method, data, &values)?
    })
}
