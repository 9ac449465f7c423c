//! Attribution maps of a network by every method, and their scores.

use candle_core::Tensor;
use nodule_battery::scores::score_method_maps;
use nodule_eval::ScoreSd;
use nodule_explain::metrics::deletion_insertion;
use nodule_explain::{Method, Model, applies_to, default_attribution};
use nodule_nn::Network;
use nodule_study::records::MapScores;
use nodule_synth::DataSet;
use rayon::prelude::*;

use super::completeness::median_gap;
use super::{DecisionModel, LinearReadOut};
use crate::Error;
use crate::images::{dataset_to_tensor, tensor_to_vec};

/// Seed of the noise of `SmoothGrad`, the same for all runs and reports.
pub(crate) const NOISE_SEED: u64 = 0;
/// Number of steps of the deletion and insertion curves.
const STEPS: usize = 10;

/// Maps `[n, size, size]` by each method that applies to the network.
pub(crate) type MethodMaps = Vec<(Method, Vec<f32>)>;

/// Computes the maps of `images` by every method that applies. `noise_seed` affects `SmoothGrad` only.
pub(crate) fn compute_maps(
    network: &dyn Network,
    read_out: &LinearReadOut,
    noise_seed: u64,
    images: &Tensor,
) -> Result<MethodMaps, Error> {
    let decision = DecisionModel::new(network, read_out)?;
    Method::ALL
        .into_par_iter()
        .filter(|method| applies_to(*method, &decision))
        .map(|method| {
            let maps = default_attribution(method, noise_seed).attribute(&decision, images)?;
            Ok((method, tensor_to_vec(&maps)?))
        })
        .collect()
}

/// Scores the maps of `data` by every method that applies. `sd` is the unit of the deletion and insertion scores.
pub(crate) fn score_maps(
    decision: &DecisionModel,
    data: &DataSet,
    sd: ScoreSd,
) -> Result<Vec<MapScores>, Error> {
    let methods = Method::ALL.into_iter().filter(|m| applies_to(*m, decision));
    methods
        .map(|method| score_method(method, decision, data, sd))
        .collect()
}

fn score_method(
    method: Method,
    decision: &DecisionModel,
    data: &DataSet,
    sd: ScoreSd,
) -> Result<MapScores, Error> {
    let images = dataset_to_tensor(data)?;
    let maps = default_attribution(method, NOISE_SEED).attribute(decision, &images)?;
    let completeness_gap = match method {
        Method::IntegratedGradients => median_gap(decision, &images, &maps)?,
        _ => None,
    };

    // Sign the maps by the predicted class: the map of a normal image must show evidence for normal.
    let scores = decision.decide(&images)?.to_vec1::<f32>()?;
    let sign = |score: &f32| if *score > 0.0 { 1.0 } else { -1.0 };
    let signs: Vec<f32> = scores.iter().map(sign).collect();
    let column = Tensor::from_slice(&signs, (signs.len(), 1, 1, 1), images.device())?;
    let signed_maps = maps.broadcast_mul(&column)?;
    let curves = deletion_insertion(decision, &images, &signed_maps, STEPS)?;
    let (deletion, insertion): (Vec<_>, Vec<_>) = signs
        .iter()
        .zip(curves.means())
        .map(|(sign, (deletion, insertion))| {
            let to_sd = |mean: f64| sd.to_sd_units(f64::from(*sign) * mean);
            (to_sd(deletion), to_sd(insertion))
        })
        .unzip();
    let mean = |values: Vec<f64>| {
        let sum = values.iter().fold(0.0, |sum, v| sum + v);
        sum / values.len().max(1) as f64
    };
    Ok(MapScores {
        deletion: Some(mean(deletion)),
        insertion: Some(mean(insertion)),
        completeness_gap,
        ..score_method_maps(method, data, &tensor_to_vec(&maps)?)?
    })
}
