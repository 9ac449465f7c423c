//! Contrastive loss: `d^2` for a pair of one class, `max(0, margin - d)^2` for a pair of two.

use candle_core::{DType, Tensor};
use nodule_config::Settings;
pub use nodule_config::{Contrastive, Embedding};

use super::sphere::{EPSILON, check_pairs, far_enough, normalised, same_class, squared_distances};
use crate::{Error, Loss, Output};

impl Loss for Contrastive {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        match self.embedding {
            Embedding::Normalised => contrastive(&output.embedding, labels, self.margin),
            Embedding::Raw => raw_contrastive(&output.embedding, labels, self.margin),
        }
    }
}

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
    check_pairs(n)?;
    check_margin(margin, Embedding::Normalised)?;
    over_pairs(
        &squared_distances(&normalised(embedding)?)?,
        labels,
        margin,
        n,
    )
}

/// The same loss of the rows as they are (Hadsell et al. 2006): `d` is the Euclidean distance between
/// them, any number from 0.
///
/// `max(0, margin - d)^2` has a kink where two rows are equal, and no direction in which to part them:
/// its gradient there is 0, as PyTorch's of a norm is. Rows are equal where their distance is nothing
/// but rounding: below a thousandth of their distances from the batch's mean.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not positive; or if the
/// shapes disagree or the device fails.
pub fn raw_contrastive(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_margin(margin, Embedding::Raw)?;
    let squared = squared_distances(embedding)?;
    let apart = far_enough(embedding, &squared)?;
    over_pairs(&squared.mul(&apart)?, labels, margin, n)
}

fn check_margin(margin: f64, embedding: Embedding) -> Result<(), Error> {
    Ok(Contrastive { margin, embedding }.validate()?)
}

/// The mean over all pairs of `n` rows, from their squared distances `[n, n]`.
fn over_pairs(squared: &Tensor, labels: &Tensor, margin: f64, n: usize) -> Result<Tensor, Error> {
    let distance = (squared + EPSILON)?.sqrt()?;
    let short = distance.affine(-1.0, margin)?;
    let short = short.mul(&short.gt(0.0)?.to_dtype(DType::F32)?.detach())?;
    let same = same_class(labels, squared.dtype())?;
    let different = same.affine(-1.0, 1.0)?;
    // The matrix holds every pair twice, and each row with itself at distance zero.
    let twice = (squared.mul(&same)? + short.sqr()?.mul(&different)?)?;
    Ok((twice.sum_all()? / (n * (n - 1)) as f64)?)
}
