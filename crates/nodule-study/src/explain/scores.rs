//! Scores of the maps of single images: `scores.csv`.

use candle_core::Tensor;
use nodule_explain::{infidelity, noise, pointing, sensitivity};

use super::Explained;
use super::how::How;
use crate::Error;
use crate::decision::Decision;

/// Standard deviation of the noise that images are perturbed with, in intensities (*ours*).
const NOISE: f64 = 0.02;
/// Draws of it for infidelity, which costs a forward pass each; sensitivity makes all maps again and
/// takes the first alone.
const DRAWS: usize = 4;

/// What changes where an image does: `[n]` each, none for a blank map.
#[derive(Debug, Clone)]
pub(super) struct Stability {
    pub(super) infidelity: Vec<f32>,
    pub(super) sensitivity: Vec<Option<f32>>,
}

/// Infidelity and sensitivity of `maps` under one noise for all methods.
pub(super) fn stability(
    how: How,
    decision: &Decision,
    (images, maps): (&Tensor, &Tensor),
    seed: u64,
) -> Result<Stability, nodule_explain::Error> {
    let perturbations = (0..DRAWS as u64).map(|draw| noise(images, NOISE, draw));
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
        let explain = |images: &Tensor| how.maps(decision, images, seed);
        let found = sensitivity(explain, &of_seen(images)?, &first)?;
        for (i, value) in seen.iter().zip(found) {
            sensitivities[*i as usize] = Some(value);
        }
    }
    Ok(Stability {
        infidelity: infidelity(decision, images, maps, &perturbations)?,
        sensitivity: sensitivities,
    })
}

#[derive(serde::Serialize)]
struct Row {
    index: usize,
    label: u8,
    decision: f32,
    contour: Option<f64>,
    interior: Option<f64>,
    background: Option<f64>,
    pointing: Option<bool>,
    infidelity: f32,
    sensitivity: Option<f32>,
}

/// One row an image; a blank map has empty fields.
pub(super) fn scores_csv(explained: &Explained) -> Result<Vec<u8>, Error> {
    let data = &explained.data;
    let pixels = data.image_size * data.image_size;
    let failed = |e: String| Error::Record {
        path: "scores.csv".into(),
        reason: e,
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    for (index, map) in explained.maps.chunks(pixels).enumerate() {
        let (ratios, stability) = (&explained.ratios[index], &explained.stability);
        let mask = &data.masks[index * pixels..(index + 1) * pixels];
        let row = Row {
            index,
            label: data.labels[index],
            decision: explained.decisions[index],
            contour: ratios.contour,
            interior: ratios.interior,
            background: ratios.background,
            pointing: pointing(map, mask)?,
            infidelity: stability.infidelity[index],
            sensitivity: stability.sensitivity[index],
        };
        table.serialize(row).map_err(|e| failed(e.to_string()))?;
    }
    table.into_inner().map_err(|e| failed(e.to_string()))
}
