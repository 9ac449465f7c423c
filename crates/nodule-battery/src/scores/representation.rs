//! Linear decodability of shape and texture from the layers of a network, and the geometry of its embedding.

use ndarray::{Array2, ArrayView2, Axis};
use nodule_eval::Scores;
use nodule_eval::representation::{decode, nc1, pca, silhouette};
use nodule_study::Error;
use nodule_study::records::{LayerDecodability, ProjectedEmbedding, Representation};
use nodule_synth::{DataSet, Latents};

/// Activations of one layer, one row per image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Name of the layer.
    pub name: String,
    /// Activations of the trained network.
    pub rows: Array2<f32>,
    /// Activations of the same network before training, if known.
    pub untrained: Option<Array2<f32>>,
}

/// Returns how well shape and texture can be decoded from each layer and from the decision scores on `data`, which
/// holds all combinations of levels equally often; and the silhouette and NC1 of the embeddings of the validation
/// images under their labels. The last layer is the embedding.
///
/// # Errors
/// If there is no layer, the numbers of rows differ, or a value is not finite.
pub fn evaluate_representation(
    layers: &[Layer],
    data: &DataSet,
    scores: Option<&[f32]>,
    (validation, labels): (ArrayView2<f32>, &[u8]),
) -> Result<Representation, Error> {
    let decodable = layers.iter().map(|layer| {
        let [shape, texture] = decode_levels(layer.rows.view(), data)?;
        let [untrained_shape, untrained_texture] = match &layer.untrained {
            Some(rows) => decode_levels(rows.view(), data)?,
            None => [None, None],
        };
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
        return Err(Error::cannot_make(
            "the projection of the embedding",
            "the network names no layer",
        ));
    };
    let projection = pca(embedding.rows.view())?;
    let project = |(point, latents): (&[f64; 2], &Latents)| ProjectedEmbedding {
        shape: latents.shape,
        texture: latents.texture,
        x: point[0],
        y: point[1],
    };
    let points = projection.points.iter().zip(&data.latents);
    Ok(Representation {
        layers: decodable,
        decision_auroc: scores.map(|scores| score_auroc(scores, data)).transpose()?,
        silhouette: silhouette(validation, labels)?,
        nc1: nc1(validation, labels)?,
        explained_variance: projection.explained_variance_ratio,
        projection: points.map(project).collect(),
    })
}

/// Returns [`decode_properties`] for high shape and high texture.
fn decode_levels(activations: ArrayView2<f32>, data: &DataSet) -> Result<[Option<f64>; 2], Error> {
    let [shape, texture] = high_levels(data);
    decode_properties(activations, [&shape, &texture])
}

/// Returns the AUROC of decision scores for high shape and for high texture, on the second half of the images, on
/// which decoders are tested.
fn score_auroc(scores: &[f32], data: &DataSet) -> Result<[Option<f64>; 2], Error> {
    let half = data.latents.len() / 2;
    let [shape, texture] = high_levels(data);
    Ok([
        Scores::new(&scores[half..], &shape[half..])?.auroc(),
        Scores::new(&scores[half..], &texture[half..])?.auroc(),
    ])
}

/// Returns which images have high shape, and which high texture: 1 or 0 per image.
#[must_use]
pub fn high_levels(data: &DataSet) -> [Vec<u8>; 2] {
    let levels: [fn(&Latents) -> f64; 2] = [|l| l.shape, |l| l.texture];
    levels.map(|level| {
        data.latents
            .iter()
            .map(|l| u8::from(level(l) > 0.5))
            .collect()
    })
}

/// Returns the AUROC of a linear decoder for each of two binary properties, fitted on the first half of the rows and
/// tested on the second.
///
/// # Errors
/// If the lengths differ or a value is not finite.
pub fn decode_properties(
    activations: ArrayView2<f32>,
    properties: [&[u8]; 2],
) -> Result<[Option<f64>; 2], Error> {
    let half = activations.nrows() / 2;
    let (training, test) = activations.split_at(Axis(0), half);
    let scores = decode(training, &properties.map(|p| &p[..half]), test)?;
    let [a, b] = [0, 1].map(|i| {
        let scores = Scores::new(&scores[i], &properties[i][half..])?;
        Ok::<_, Error>(scores.auroc())
    });
    Ok([a?, b?])
}
