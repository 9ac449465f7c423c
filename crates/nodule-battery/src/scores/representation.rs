//! What the layers of a network hold, against the same network before training where that is known.

use ndarray::{Array2, ArrayView2, Axis};
use nodule_eval::Scores;
use nodule_eval::representation::{decode, nc1, pca, silhouette};
use nodule_study::Error;
use nodule_study::records::{LayerDecodability, ProjectedEmbedding, Representation};
use nodule_synth::{DataSet, Latents};

/// What a layer says of some images, one row an image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Of the network.
    pub rows: Array2<f32>,
    /// Of the same network before training, where that is known.
    pub untrained: Option<Array2<f32>>,
}

/// Reads shape and texture from every layer, on `data`, which holds all cells alike, and from the decision values
/// on it where they are known (`decided`); and looks at how the `labels` of the validation images lie among their
/// embeddings `validated`. The last layer is the embedding.
///
/// # Errors
/// If there is no layer, the numbers of rows differ, or a value is not finite.
pub fn representation(
    layers: &[Layer],
    data: &DataSet,
    decided: Option<&[f32]>,
    (validated, labels): (ArrayView2<f32>, &[u8]),
) -> Result<Representation, Error> {
    let decided = decided.map(|values| told(values, data)).transpose()?;
    let decodable = layers.iter().map(|layer| {
        let [shape, texture] = decodability(layer.rows.view(), data)?;
        let before = layer.untrained.as_ref();
        let before = before.map(|rows| decodability(rows.view(), data));
        let [untrained_shape, untrained_texture] = before.transpose()?.unwrap_or_default();
        Ok(LayerDecodability {
            layer: layer.name.clone(),
            shape,
            texture,
            untrained_shape,
            untrained_texture,
        })
    });
    let decodable = decodable.collect::<Result<_, Error>>()?;
    let Some(embedding) = layers.last() else {
        return Err(Error::made(
            "the picture of the embedding",
            "the network names no layer",
        ));
    };
    let picture = pca(embedding.rows.view())?;
    let pictured = |(point, latents): (&[f64; 2], &Latents)| ProjectedEmbedding {
        shape: latents.shape,
        texture: latents.texture,
        x: point[0],
        y: point[1],
    };
    Ok(Representation {
        layers: decodable,
        decision_auroc: decided,
        silhouette: silhouette(validated, labels)?,
        nc1: nc1(validated, labels)?,
        explained_variance: picture.explained_variance_ratio,
        projection: picture
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
    let [shape, texture] = high(data);
    decoded(activations, [&shape, &texture])
}

/// AUROC of shape and of texture by decision values, on the images that layers are asked about: the second half.
fn told(values: &[f32], data: &DataSet) -> Result<[Option<f64>; 2], Error> {
    let half = data.latents.len() / 2;
    let [shape, texture] = high(data);
    Ok([
        Scores::new(&values[half..], &shape[half..])?.auroc(),
        Scores::new(&values[half..], &texture[half..])?.auroc(),
    ])
}

/// Which images have high shape, and which high texture: 1 or 0 an image.
#[must_use]
pub fn high(data: &DataSet) -> [Vec<u8>; 2] {
    let levels: [fn(&Latents) -> f64; 2] = [|l| l.shape, |l| l.texture];
    levels.map(|level| {
        data.latents
            .iter()
            .map(|l| u8::from(level(l) > 0.5))
            .collect()
    })
}

/// AUROC of each of two properties: fits on the first half of the rows, asks about the second.
///
/// # Errors
/// If the lengths differ or a value is not finite.
pub fn decoded(
    activations: ArrayView2<f32>,
    properties: [&[u8]; 2],
) -> Result<[Option<f64>; 2], Error> {
    let half = activations.nrows() / 2;
    let (fitted, asked) = activations.split_at(Axis(0), half);
    let scores = decode(fitted, &properties.map(|p| &p[..half]), asked)?;
    let [a, b] = [0, 1].map(|i| {
        let scores = Scores::new(&scores[i], &properties[i][half..])?;
        Ok::<_, Error>(scores.auroc())
    });
    Ok([a?, b?])
}
