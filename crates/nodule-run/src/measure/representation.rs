//! Representation by layer: shape and texture decoded from a network's layers, compared with the untrained network.

use candle_core::{DType, Tensor};
use ndarray::Array2;
use nodule_battery::scores::{Layer, evaluate_representation};
use nodule_eval::ReadOut;
use nodule_nn::Network;
use nodule_study::records::Representation;
use nodule_synth::DataSet;
use nodule_train::infer;

use super::{EmbeddedSet, decision_scores, embeddings};
use crate::Error;
use crate::images::dataset_to_tensor;

/// Decodes shape and texture of `data`, which holds all combinations equally often, from every layer of `network` and
/// `untrained` and from the decision scores of `read_out` fitted on `training`. Also measures the class structure of
/// the embeddings of `validation`.
pub(crate) fn measure_representation(
    [network, untrained]: [&dyn Network; 2],
    read_out: Option<ReadOut>,
    data: &DataSet,
    (training, validation): (&EmbeddedSet, &EmbeddedSet),
) -> Result<Representation, Error> {
    let images = dataset_to_tensor(data)?;
    let layers = network
        .activations(&images)?
        .iter()
        .zip(&untrained.activations(&images)?)
        .map(|((name, trained), (_, untrained))| {
            Ok(Layer {
                name: name.clone(),
                rows: activation_rows(trained)?,
                untrained: Some(activation_rows(untrained)?),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let scores = read_out.map(|read_out| {
        let fitted = read_out.fit(embeddings(&training.inference)?, &training.data.labels)?;
        decision_scores(&fitted, &infer(network, &data.images)?)
    });
    let scores = scores.transpose()?;
    let validation = (embeddings(&validation.inference)?, &*validation.data.labels);
    Ok(evaluate_representation(
        &layers,
        data,
        scores.as_deref(),
        validation,
    )?)
}

/// Returns activations `[n, ...]` as one row per image.
pub(crate) fn activation_rows(activations: &Tensor) -> Result<Array2<f32>, Error> {
    let flat = activations.flatten_from(1)?.to_dtype(DType::F32)?;
    let rows = flat.to_vec2::<f32>()?;
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Ok(Array2::from_shape_vec(shape, rows.concat()).unwrap_or_default())
}
