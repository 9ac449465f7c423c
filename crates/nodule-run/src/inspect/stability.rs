//! Infidelity and max-sensitivity of the maps of single images.

use candle_core::Tensor;
use nodule_config::MapUnit;
use nodule_explain::gaussian_noise;
use nodule_explain::metrics::{infidelity, max_sensitivity};

use crate::measure::DecisionModel;

/// Standard deviation of the noise, in intensities (*ours*).
const SIGMA: f64 = 0.02;
/// Number of noise samples for infidelity, one forward pass each. Max-sensitivity computes all maps again per sample and
/// uses only the first.
const SAMPLES: usize = 4;

/// Scores `[n]` under noise.
#[derive(Debug, Clone)]
pub(super) struct Stability {
    /// `None` for maps that do not predict changes of the decision score.
    pub(super) infidelity: Option<Vec<f32>>,
    /// `None` for a blank map.
    pub(super) max_sensitivity: Vec<Option<f32>>,
}

/// Scores `maps`, which `explain` computes, under the same noise for all methods.
pub(super) fn score_stability(
    explain: impl Fn(&Tensor) -> Result<Tensor, nodule_explain::Error>,
    unit: MapUnit,
    decision: &DecisionModel,
    (images, maps): (&Tensor, &Tensor),
) -> Result<Stability, nodule_explain::Error> {
    let noise = (0..SAMPLES as u64)
        .map(|seed| gaussian_noise(images, SIGMA, seed))
        .collect::<Result<Vec<_>, _>>()?;
    let energies = maps.sqr()?.sum((1, 2, 3))?.to_vec1::<f32>()?;
    let not_blank: Vec<u32> = (0u32..)
        .zip(&energies)
        .filter(|(_, energy)| **energy > 0.0)
        .map(|(i, _)| i)
        .collect();
    let mut sensitivities = vec![None; energies.len()];
    if !not_blank.is_empty() {
        let index = Tensor::new(not_blank.as_slice(), images.device())?;
        let select = |t: &Tensor| t.index_select(&index, 0);
        let first = [select(&noise[0])?];
        let values = max_sensitivity(explain, &select(images)?, &first)?;
        for (i, value) in not_blank.iter().zip(values) {
            sensitivities[*i as usize] = Some(value);
        }
    }
    Ok(Stability {
        infidelity: infidelity(decision, images, maps, unit, &noise)?,
        max_sensitivity: sensitivities,
    })
}
