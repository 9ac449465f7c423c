//! Similarity of representations between networks of one seed: centred kernel alignment (CKA) by layer and pair of
//! losses, and nearest-neighbour consistency of each embedding.

use candle_core::Tensor;
use ndarray::Array2;
use nodule_battery::scores::high_levels;
use nodule_eval::representation::{Gram, cka, precision_at_one};
use nodule_study::records::{LayerSimilarity, NeighbourConsistency, RepresentationSimilarity};
use nodule_synth::DataSet;
use rayon::prelude::*;

use crate::Error;
use crate::images::dataset_to_tensor;
use crate::inspect::OpenedRun;
use crate::measure::activation_rows;

/// Compares the networks of `runs`, which differ only in their loss, on `data`.
pub(super) fn compare_representations<'a>(
    runs: impl IndexedParallelIterator<Item = &'a OpenedRun>,
    data: &DataSet,
) -> Result<RepresentationSimilarity, Error> {
    let images = dataset_to_tensor(data)?;
    let activations = runs.map(|run| Activations::new(run, &images, data));
    let activations: Vec<Activations> = activations.collect::<Result<_, Error>>()?;
    let mut similarity = RepresentationSimilarity::default();
    for (i, a) in activations.iter().enumerate() {
        let record = &a.run.record;
        similarity.neighbours.push(NeighbourConsistency {
            train: record.train.clone(),
            seed: record.seed,
            loss: record.loss.clone(),
            precision: a.precision,
        });
        for b in &activations[i + 1..] {
            for ((layer, gram_a), (_, gram_b)) in a.layers.iter().zip(&b.layers) {
                similarity.layers.push(LayerSimilarity {
                    train: record.train.clone(),
                    seed: record.seed,
                    losses: [&record.loss, &b.run.record.loss].map(Clone::clone),
                    layer: layer.clone(),
                    cka: cka(gram_a, gram_b)?,
                });
            }
        }
    }
    Ok(similarity)
}

/// Activations of one network.
struct Activations<'a> {
    run: &'a OpenedRun,
    /// Gram matrix of each layer.
    layers: Vec<(String, Gram)>,
    /// Share of images whose nearest neighbour in the embedding has the same shape, and the same texture.
    precision: [Option<f64>; 2],
}

impl<'a> Activations<'a> {
    fn new(run: &'a OpenedRun, images: &Tensor, data: &DataSet) -> Result<Self, Error> {
        let mut layers = Vec::new();
        let mut embedding = Array2::zeros((0, 0));
        for (name, activations) in run.network.activations(images)? {
            embedding = activation_rows(&activations)?;
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
