//! What the losses on embeddings share: rows on the unit sphere or as they are, and comparisons of each
//! with each.

use candle_core::{D, DType, Tensor};
use nodule_config::{Settings, SupCon};

use crate::Error;
use crate::error::refuse;

/// Added to squared norms and distances, inside the root: its derivative stays finite at 0.
pub(super) const EPSILON: f64 = 1e-12;
/// Stands for minus infinity where a similarity must not count: its exponential is 0, and its
/// difference with anything is finite.
const NEVER: f64 = -1e9;
/// A squared distance below this share of two rows' squared norms is rounding of f32: some ten times
/// its precision.
const ROUNDING: f64 = 1e-6;

/// Rows divided by their Euclidean norms.
pub(super) fn normalised(embedding: &Tensor) -> Result<Tensor, Error> {
    let norm = (embedding.sqr()?.sum_keepdim(D::Minus1)? + EPSILON)?.sqrt()?;
    Ok(embedding.broadcast_div(&norm)?)
}

/// `[n, n]` squared distances between rows, through one matrix product.
///
/// Distances do not depend on the origin. A new network maps all images to nearly one point, and
/// without the shift to their mean the product would lose the small differences to rounding.
pub(super) fn squared_distances(rows: &Tensor) -> Result<Tensor, Error> {
    let rows = rows.broadcast_sub(&rows.mean_keepdim(0)?.detach())?;
    let norms = rows.sqr()?.sum_keepdim(1)?;
    let products = rows.matmul(&rows.t()?)?;
    let squared = (products * -2.0)?
        .broadcast_add(&norms)?
        .broadcast_add(&norms.t()?)?;
    let positive = squared.gt(0.0)?.to_dtype(squared.dtype())?.detach();
    Ok(squared.mul(&positive)?)
}

/// `[n, n]`: 1 where two rows lie apart, 0 where their squared distance is nothing but rounding. No
/// gradient runs through it.
pub(super) fn far_enough(rows: &Tensor, squared: &Tensor) -> Result<Tensor, Error> {
    let rows = rows.detach();
    let rows = rows.broadcast_sub(&rows.mean_keepdim(0)?)?;
    let norms = rows.sqr()?.sum_keepdim(1)?;
    let rounding = (norms.broadcast_add(&norms.t()?)? * ROUNDING)?;
    let apart = squared.detach().gt(&rounding)?;
    Ok(apart.to_dtype(squared.dtype())?)
}

/// `[n, n]`: 1 where two labels agree, 0 elsewhere.
pub(super) fn same_class(labels: &Tensor, dtype: DType) -> Result<Tensor, Error> {
    let (rows, columns) = (labels.unsqueeze(1)?, labels.unsqueeze(0)?);
    Ok(rows.broadcast_eq(&columns)?.to_dtype(dtype)?)
}

/// `[n, n]`: 0 on the diagonal, 1 elsewhere.
pub(super) fn others(n: usize, like: &Tensor) -> Result<Tensor, Error> {
    Ok(Tensor::eye(n, like.dtype(), like.device())?.affine(-1.0, 1.0)?)
}

/// `[n, n]`: log of the share that row j has in the similarities of row i with all other rows,
/// `z_i z_j / t - log sum_{k != i} exp(z_i z_k / t)`. The diagonal means nothing.
pub(super) fn log_shares(embedding: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let rows = normalised(embedding)?;
    let (n, _) = rows.dims2()?;
    let similarity = (rows.matmul(&rows.t()?)? / temperature)?;
    let masked = (similarity + (others(n, &rows)?.affine(-NEVER, NEVER))?)?;
    // The shift cancels in value and gradient.
    let shifted = masked.broadcast_sub(&masked.max_keepdim(D::Minus1)?.detach())?;
    let log_total = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    Ok(shifted.broadcast_sub(&log_total)?)
}

/// Refuses a batch without pairs.
pub(super) fn check_pairs(n: usize) -> Result<(), Error> {
    if n >= 2 {
        return Ok(());
    }
    refuse("batch", n, "at least 2 images: the loss is over pairs")
}

/// Rejects a temperature that is not a positive number.
pub(super) fn check_temperature(temperature: f64) -> Result<(), Error> {
    Ok(SupCon { temperature }.validate()?)
}
