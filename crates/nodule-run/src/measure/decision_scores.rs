//! Embeddings and decision scores from a network's inference.

use ndarray::ArrayView2;
use nodule_eval::FittedReadOut;
use nodule_train::Inference;

use crate::Error;

/// Returns the embeddings, one row per image.
pub(crate) fn embeddings(inference: &Inference) -> Result<ArrayView2<'_, f32>, Error> {
    view_rows(&inference.embeddings, inference.dimension)
}

/// Returns the decision scores of a read-out.
pub(crate) fn decision_scores(
    fitted: &FittedReadOut,
    inference: &Inference,
) -> Result<Vec<f32>, Error> {
    let logits = view_rows(&inference.logits, 2)?;
    Ok(fitted.scores(embeddings(inference)?, Some(logits))?)
}

fn view_rows(values: &[f32], columns: usize) -> Result<ArrayView2<'_, f32>, Error> {
    let shape = (values.len() / columns.max(1), columns);
    ArrayView2::from_shape(shape, values)
        .map_err(|e| Error::cannot_make("a table of embeddings", e))
}
