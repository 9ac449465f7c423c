//! Contrastive loss: `d^2` for a pair of one class, `max(0, margin - d)^2` for a pair of two.

use candle_core::{D, DType, Tensor};

use crate::Error;

/// Added to squared norms and distances, inside the root: its derivative stays finite at 0.
const EPSILON: f64 = 1e-12;

/// Mean contrastive loss (Hadsell et al. 2006, equation 4 without its factors of one half) over
/// all `n (n - 1) / 2` pairs of a batch, a scalar. `d` is the Euclidean distance between
/// L2-normalised rows of `embedding` `[n, dimension]`, so it lies in [0, 2]; `labels` are u32
/// `[n]`. The loss is *paper*; normalising, taking every pair and the plain mean are *ours*.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not in (0, 2]; or
/// if the shapes disagree or the device fails.
pub fn contrastive(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check(n, margin)?;
    let squared = squared_distances(&normalised(embedding)?)?;
    let distance = (&squared + EPSILON)?.sqrt()?;
    let short = distance.affine(-1.0, margin)?;
    let short = short.mul(&short.gt(0.0)?.to_dtype(DType::F32)?.detach())?;
    let same = same_class(labels, embedding.dtype())?;
    let different = same.affine(-1.0, 1.0)?;
    // The matrix holds every pair twice, and each row with itself at distance zero.
    let twice = (squared.mul(&same)? + short.sqr()?.mul(&different)?)?;
    Ok((twice.sum_all()? / (n * (n - 1)) as f64)?)
}

fn check(n: usize, margin: f64) -> Result<(), Error> {
    let refuse = |field, value: String, allowed: &str| {
        Err(Error::Setting {
            field,
            value,
            allowed: allowed.into(),
        })
    };
    if n < 2 {
        return refuse(
            "batch",
            n.to_string(),
            "at least 2 images: the loss is over pairs",
        );
    }
    if !(margin > 0.0 && margin <= 2.0) {
        let allowed = "in (0, 2]: normalised embeddings are at most 2 apart";
        return refuse("margin", margin.to_string(), allowed);
    }
    Ok(())
}

fn normalised(embedding: &Tensor) -> Result<Tensor, Error> {
    let norm = (embedding.sqr()?.sum_keepdim(D::Minus1)? + EPSILON)?.sqrt()?;
    Ok(embedding.broadcast_div(&norm)?)
}

/// `[n, n]` squared distances between rows, through one matrix product.
///
/// Distances do not depend on the origin. A new network maps all images to nearly one point, and
/// without the shift to their mean the product would lose the small differences to rounding.
fn squared_distances(rows: &Tensor) -> Result<Tensor, Error> {
    let rows = rows.broadcast_sub(&rows.mean_keepdim(0)?.detach())?;
    let norms = rows.sqr()?.sum_keepdim(1)?;
    let products = rows.matmul(&rows.t()?)?;
    let squared = (products * -2.0)?
        .broadcast_add(&norms)?
        .broadcast_add(&norms.t()?)?;
    let positive = squared.gt(0.0)?.to_dtype(squared.dtype())?.detach();
    Ok(squared.mul(&positive)?)
}

/// `[n, n]`: 1 where two labels agree, 0 elsewhere.
fn same_class(labels: &Tensor, dtype: DType) -> Result<Tensor, Error> {
    let (rows, columns) = (labels.unsqueeze(1)?, labels.unsqueeze(0)?);
    Ok(rows.broadcast_eq(&columns)?.to_dtype(dtype)?)
}
