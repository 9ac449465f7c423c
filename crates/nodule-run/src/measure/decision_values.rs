//! From what a network says of images to the decision values of a read-out.

use crate::Error;
use ndarray::ArrayView2;
use nodule_eval::FittedReadOut;
use nodule_train::Inference;

/// Embeddings, one row an image.
pub(crate) fn embeddings(inference: &Inference) -> Result<ArrayView2<'_, f32>, Error> {
    rows(&inference.embeddings, inference.dimension)
}

/// Decision values of a read-out.
pub(crate) fn decision_values(
    fitted: &FittedReadOut,
    inference: &Inference,
) -> Result<Vec<f32>, Error> {
    let logits = rows(&inference.logits, 2)?;
    Ok(fitted.scores(embeddings(inference)?, Some(logits))?)
}

fn rows(values: &[f32], columns: usize) -> Result<ArrayView2<'_, f32>, Error> {
    let shape = (values.len() / columns.max(1), columns);
    ArrayView2::from_shape(shape, values).map_err(|e| Error::made("a table of embeddings", e))
}
