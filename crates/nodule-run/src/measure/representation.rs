//! What the layers of a network hold, against the same network before training.

use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayView2, Axis};
use nodule_eval::auroc;
use nodule_eval::representation::{collapse, decode, principal, silhouette};
use nodule_nn::Network;
use nodule_study::Error;
use nodule_study::records::{LayerDecodability, PicturedEmbedding, Representation};
use nodule_synth::DataSet;

use super::{Embedded, embeddings};
use crate::images::image_tensor;

/// Reads shape and texture from every layer of `network` and of `untrained`, on `data`, which holds
/// all cells alike; and looks at how the labels of `validation` lie in the embedding.
pub(crate) fn represent(
    network: &dyn Network,
    untrained: &dyn Network,
    data: &DataSet,
    validation: &Embedded,
) -> Result<Representation, Error> {
    let images = image_tensor(data)?;
    let (trained, before) = (
        network.activations(&images)?,
        untrained.activations(&images)?,
    );
    let layers = trained
        .iter()
        .zip(&before)
        .map(|((name, after), (_, before))| {
            let [shape, texture] = decodability(rows(after)?.view(), data)?;
            let [untrained_shape, untrained_texture] = decodability(rows(before)?.view(), data)?;
            Ok(LayerDecodability {
                layer: (*name).to_owned(),
                shape,
                texture,
                untrained_shape,
                untrained_texture,
            })
        });
    let layers = layers.collect::<Result<_, Error>>()?;
    let Some((_, embedding)) = trained.last() else {
        return Err(Error::made(
            "the picture of the embedding",
            "the network names no layer",
        ));
    };
    let picture = principal(rows(embedding)?.view())?;
    let (validated, labels) = (embeddings(&validation.inference)?, &validation.data.labels);
    let pictured = |(point, latents): (&[f64; 2], &nodule_synth::Latents)| PicturedEmbedding {
        shape: latents.shape,
        texture: latents.texture,
        x: point[0],
        y: point[1],
    };
    Ok(Representation {
        layers,
        silhouette: silhouette(validated, labels)?,
        collapse: collapse(validated, labels)?,
        explained: picture.explained,
        picture: picture
            .points
            .iter()
            .zip(&data.latents)
            .map(pictured)
            .collect(),
    })
}

/// AUROC of shape and of texture on the second half of the images, read by a map that was fitted on
/// the first.
fn decodability(activations: ArrayView2<f32>, data: &DataSet) -> Result<[Option<f64>; 2], Error> {
    let high = |level: fn(&nodule_synth::Latents) -> f64| -> Vec<u8> {
        data.latents
            .iter()
            .map(|l| u8::from(level(l) > 0.5))
            .collect()
    };
    let (shape, texture) = (high(|l| l.shape), high(|l| l.texture));
    decoded(activations, [&shape, &texture])
}

/// Fits on the first half of the rows, asks about the second.
pub(crate) fn decoded(
    activations: ArrayView2<f32>,
    properties: [&[u8]; 2],
) -> Result<[Option<f64>; 2], Error> {
    let half = activations.nrows() / 2;
    let (fitted, asked) = activations.split_at(Axis(0), half);
    let scores = decode(fitted, &properties.map(|p| &p[..half]), asked)?;
    let [a, b] = [0, 1].map(|i| auroc(&scores[i], &properties[i][half..]));
    Ok([a?, b?])
}

/// One row an image.
fn rows(activations: &Tensor) -> Result<Array2<f32>, Error> {
    let flat = activations
        .flatten_from(1)
        .and_then(|a| a.to_dtype(DType::F32)?.to_vec2::<f32>())
        .map_err(nodule_explain::Error::from)?;
    let shape = (flat.len(), flat.first().map_or(0, Vec::len));
    Ok(Array2::from_shape_vec(shape, flat.concat()).unwrap_or_default())
}
