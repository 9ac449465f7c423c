//! How far maps of single images can be trusted: infidelity and sensitivity.

use candle_core::Tensor;
use nodule_explain::metrics::{infidelity, max_sensitivity};
use nodule_explain::{MapUnit, gaussian_noise};

use crate::measure::Decision;

/// Standard deviation of the noise that images are perturbed with, in intensities (*ours*).
const NOISE: f64 = 0.02;
/// Draws of it for infidelity, which costs a forward pass each; sensitivity makes all maps again and
/// takes the first alone.
const DRAWS: usize = 4;

/// What changes where an image does: `[n]` each, none for a blank map.
#[derive(Debug, Clone)]
pub(super) struct Stability {
    /// None for maps that predict no change of the decision.
    pub(super) infidelity: Option<Vec<f32>>,
    pub(super) sensitivity: Vec<Option<f32>>,
}

/// Infidelity and sensitivity of `maps` in `unit`, made by `explain`, under one noise for all methods.
pub(super) fn stability(
    explain: impl Fn(&Tensor) -> Result<Tensor, nodule_explain::Error>,
    unit: MapUnit,
    decision: &Decision,
    (images, maps): (&Tensor, &Tensor),
) -> Result<Stability, nodule_explain::Error> {
    let perturbations = (0..DRAWS as u64).map(|draw| gaussian_noise(images, NOISE, draw));
    let perturbations = perturbations.collect::<Result<Vec<_>, _>>()?;
    let sums = maps.sqr()?.sum((1, 2, 3))?.to_vec1::<f32>()?;
    let seen: Vec<u32> = (0u32..)
        .zip(&sums)
        .filter(|(_, s)| **s > 0.0)
        .map(|(i, _)| i)
        .collect();
    let mut sensitivities = vec![None; sums.len()];
    if !seen.is_empty() {
        let index = Tensor::new(seen.as_slice(), images.device())?;
        let of_seen = |t: &Tensor| t.index_select(&index, 0);
        let first = perturbations.iter().take(1).map(of_seen);
        let first = first.collect::<Result<Vec<_>, _>>()?;
        let found = max_sensitivity(explain, &of_seen(images)?, &first)?;
        for (i, value) in seen.iter().zip(found) {
            sensitivities[*i as usize] = Some(value);
        }
    }
    Ok(Stability {
        infidelity: infidelity(decision, images, maps, unit, &perturbations)?,
        sensitivity: sensitivities,
    })
}
