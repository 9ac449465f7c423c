//! What networks of one seed hold in common: their layers compared loss by loss, and what lies together in
//! their embeddings.

use crate::Error;
use candle_core::Tensor;
use ndarray::Array2;
use nodule_battery::scores::high_levels;
use nodule_battery::sets::{build_generator, generate_factorial};
use nodule_eval::representation::{Gram, cka, precision_at_one};
use nodule_study::Resolved;
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{LayerSimilarity, NeighbourConsistency, RepresentationSimilarity};
use nodule_synth::{DataSet, Split};
use rayon::prelude::*;

use super::open::OpenedRun;
use crate::images::image_tensor;
use crate::measure::rows;

/// The images that layers are asked about: those of the runs' own measurements. None where the study asks for
/// none.
pub(super) fn asked(resolved: &Resolved) -> Result<Option<DataSet>, Error> {
    let study = &resolved.study;
    if study.samples.representation == 0 {
        return Ok(None);
    }
    let generator = build_generator(resolved, Split::Test)?;
    let seed = derive_shared_seed(study.root_seed, "representation", "factorial");
    let images = generate_factorial(&generator, seed, study.samples.representation)?;
    Ok(Some(images))
}

/// What `networks` of one seed have in common on `data`.
pub(super) fn compare<'a>(
    networks: impl IntoParallelIterator<Item = &'a OpenedRun>,
    data: &DataSet,
) -> Result<RepresentationSimilarity, Error> {
    let images = image_tensor(data)?;
    let seen = networks
        .into_par_iter()
        .map(|run| Seen::new(run, &images, data));
    let seen: Vec<Seen> = seen.collect::<Result<_, Error>>()?;
    let mut alike = RepresentationSimilarity::default();
    for (i, a) in seen.iter().enumerate() {
        let record = &a.run.record;
        alike.neighbours.push(NeighbourConsistency {
            train: record.train.clone(),
            seed: record.seed,
            loss: record.loss.clone(),
            precision: a.precision,
        });
        for b in &seen[i + 1..] {
            for ((layer, of_a), (_, of_b)) in a.layers.iter().zip(&b.layers) {
                alike.layers.push(LayerSimilarity {
                    train: record.train.clone(),
                    seed: record.seed,
                    losses: [&record.loss, &b.run.record.loss].map(Clone::clone),
                    layer: (*layer).to_owned(),
                    cka: cka(of_a, of_b)?,
                });
            }
        }
    }
    Ok(alike)
}

/// What one network makes of the images.
struct Seen<'a> {
    run: &'a OpenedRun,
    layers: Vec<(String, Gram)>,
    precision: [Option<f64>; 2],
}

impl<'a> Seen<'a> {
    fn new(run: &'a OpenedRun, images: &Tensor, data: &DataSet) -> Result<Self, Error> {
        let activations = run.network.activations(images)?;
        let mut layers = Vec::new();
        let mut embedding = Array2::zeros((0, 0));
        for (name, activations) in activations {
            embedding = rows(&activations)?;
            layers.push((name, Gram::new(embedding.view())?));
        }
        let [shape, texture] =
            high_levels(data).map(|labels| precision_at_one(embedding.view(), &labels));
        Ok(Self {
            run,
            layers,
            precision: [shape?, texture?],
        })
    }
}
