//! Comparisons of all pairs of rows of an embedding: distances, similarities, masks.

use candle_core::{D, DType, Tensor};
use nodule_config::{Settings, SupCon};

use crate::Error;
use crate::error::reject;

/// Added to squared norms and distances under a square root, whose derivative is then finite at 0.
pub(super) const EPSILON: f64 = 1e-12;
/// Replaces minus infinity for similarities that must not count: its exponential is 0, and differences with it stay
/// finite.
const EXCLUDED: f64 = -1e9;
/// A squared distance below this fraction of two rows' squared norms is rounding error of `f32`: about ten times its
/// precision.
const ROUNDING: f64 = 1e-6;

/// Returns the rows of `embedding` `[n, dimension]` divided by their Euclidean norms.
pub(super) fn normalise_rows(embedding: &Tensor) -> Result<Tensor, Error> {
    let norm = (embedding.sqr()?.sum_keepdim(D::Minus1)? + EPSILON)?.sqrt()?;
    Ok(embedding.broadcast_div(&norm)?)
}

/// Returns the squared distances between rows, `[n, n]`, through one matrix product.
///
/// Rows are centred first, which does not change distances: a new network maps all images to nearly one point, and the
/// product would lose their small differences to rounding.
pub(super) fn squared_distances(rows: &Tensor) -> Result<Tensor, Error> {
    let rows = rows.broadcast_sub(&rows.mean_keepdim(0)?.detach())?;
    let norms = rows.sqr()?.sum_keepdim(1)?;
    let products = rows.matmul(&rows.t()?)?;
    let squared = (products * -2.0)?
        .broadcast_add(&norms)?
        .broadcast_add(&norms.t()?)?;
    let is_positive = squared.gt(0.0)?.to_dtype(squared.dtype())?.detach();
    Ok(squared.mul(&is_positive)?)
}

/// Returns a mask `[n, n]`: 1 for pairs of different rows, 0 if their squared distance is only rounding error. Not
/// differentiable.
pub(super) fn distinct_rows(rows: &Tensor, squared: &Tensor) -> Result<Tensor, Error> {
    let rows = rows.detach();
    let rows = rows.broadcast_sub(&rows.mean_keepdim(0)?)?;
    let norms = rows.sqr()?.sum_keepdim(1)?;
    let rounding = (norms.broadcast_add(&norms.t()?)? * ROUNDING)?;
    let is_distinct = squared.detach().gt(&rounding)?;
    Ok(is_distinct.to_dtype(squared.dtype())?)
}

/// Returns a mask `[n, n]`: 1 for pairs of equal labels, 0 elsewhere.
pub(super) fn same_class(labels: &Tensor, dtype: DType) -> Result<Tensor, Error> {
    let (rows, columns) = (labels.unsqueeze(1)?, labels.unsqueeze(0)?);
    Ok(rows.broadcast_eq(&columns)?.to_dtype(dtype)?)
}

/// Returns a mask `[n, n]`: 0 on the diagonal, 1 elsewhere; device and type of `like`.
pub(super) fn off_diagonal(n: usize, like: &Tensor) -> Result<Tensor, Error> {
    Ok(Tensor::eye(n, like.dtype(), like.device())?.affine(-1.0, 1.0)?)
}

/// Returns the log-softmax of cosine similarities over all other rows, `[n, n]`:
/// `z_i z_j / t - log sum_{k != i} exp(z_i z_k / t)`. The diagonal has no meaning.
pub(super) fn log_softmax_similarities(
    embedding: &Tensor,
    temperature: f64,
) -> Result<Tensor, Error> {
    let rows = normalise_rows(embedding)?;
    let (n, _) = rows.dims2()?;
    let similarity = (rows.matmul(&rows.t()?)? / temperature)?;
    let masked = (similarity + (off_diagonal(n, &rows)?.affine(-EXCLUDED, EXCLUDED))?)?;
    // The maximum cancels in value and gradient; detached, it needs no backward pass.
    let shifted = masked.broadcast_sub(&masked.max_keepdim(D::Minus1)?.detach())?;
    let log_total = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    Ok(shifted.broadcast_sub(&log_total)?)
}

/// Rejects a batch without pairs.
pub(super) fn check_pairs(n: usize) -> Result<(), Error> {
    if n >= 2 {
        return Ok(());
    }
    reject("batch", n, "at least 2 images: the loss is over pairs")
}

/// Rejects a temperature that is not a positive number.
pub(super) fn check_temperature(temperature: f64) -> Result<(), Error> {
    Ok(SupCon { temperature }.validate()?)
}
