//! What the layers of a network hold, against the same network before training.

use crate::Error;
use candle_core::{DType, Tensor};
use ndarray::Array2;
use nodule_battery::scores::{Layer, evaluate_representation};
use nodule_eval::ReadOut;
use nodule_nn::Network;
use nodule_study::records::Representation;
use nodule_synth::DataSet;
use nodule_train::infer;

use super::{Embedded, decision_values, embeddings};
use crate::images::image_tensor;

/// Reads shape and texture from every layer of `network` and of `untrained`, and from the decision of `read_out`
/// fitted on `training`, on `data`, which holds all cells alike; and looks at how the labels of `validation` lie
/// in the embedding.
pub(crate) fn represent(
    [network, untrained]: [&dyn Network; 2],
    read_out: Option<ReadOut>,
    data: &DataSet,
    (training, validation): (&Embedded, &Embedded),
) -> Result<Representation, Error> {
    let images = image_tensor(data)?;
    let (trained, before) = (
        network.activations(&images)?,
        untrained.activations(&images)?,
    );
    let layers = trained.iter().zip(&before);
    let layers = layers.map(|((name, after), (_, before))| {
        Ok(Layer {
            name: name.clone(),
            rows: rows(after)?,
            untrained: Some(rows(before)?),
        })
    });
    let layers = layers.collect::<Result<Vec<_>, Error>>()?;
    let (validated, labels) = (embeddings(&validation.inference)?, &validation.data.labels);
    let decided = read_out.map(|read_out| {
        let fitted = read_out.fit(embeddings(&training.inference)?, &training.data.labels)?;
        decision_values(&fitted, &infer(network, &data.images)?)
    });
    let decided = decided.transpose()?;
    let decided = decided.as_deref();
    Ok(evaluate_representation(
        &layers,
        data,
        decided,
        (validated, labels),
    )?)
}

/// Activations as one row an image.
pub(crate) fn rows(activations: &Tensor) -> Result<Array2<f32>, Error> {
    let flat = activations
        .flatten_from(1)
        .and_then(|a| a.to_dtype(DType::F32)?.to_vec2::<f32>())
        .map_err(nodule_explain::Error::from)?;
    let shape = (flat.len(), flat.first().map_or(0, Vec::len));
    Ok(Array2::from_shape_vec(shape, flat.concat()).unwrap_or_default())
}
