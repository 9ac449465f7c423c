//! Contrastive loss: attracts pairs of one class, and repels pairs of two classes up to a margin.

use candle_core::{DType, Tensor};
use nodule_config::Settings;
pub use nodule_config::{Contrastive, Embedding};

use super::pairs::{
    EPSILON, check_pairs, distinct_rows, normalise_rows, same_class, squared_distances,
};
use crate::{Error, Loss, Output};

impl Loss for Contrastive {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        match self.embedding {
            Embedding::Normalised => contrastive(&output.embedding, labels, self.margin),
            Embedding::Raw => raw_contrastive(&output.embedding, labels, self.margin),
        }
    }
}

/// Returns the mean contrastive loss over all `n (n - 1) / 2` pairs of a batch, a scalar (Hadsell et al. 2006, equation 4
/// without its factors of one half): `d^2` for a pair of one class, `max(0, margin - d)^2` for a pair of two.
///
/// `d` is the Euclidean distance between L2-normalised rows of `embedding` `[n, dimension]`, in [0, 2]; `labels` are
/// `u32` `[n]`. Normalisation, all pairs and the plain mean are *ours*.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not in (0, 2]; or if the shapes disagree or
/// the device fails.
///
/// # Example
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_nn::losses::contrastive;
///
/// # fn main() -> Result<(), nodule_nn::Error> {
/// let embedding = Tensor::new(&[[1f32, 0.], [0., 2.]], &Device::Cpu)?;
/// let labels = Tensor::new(&[1u32, 1], &Device::Cpu)?;
/// let loss = contrastive(&embedding, &labels, 1.0)?.to_scalar::<f32>()?;
/// assert!((loss - 2.0).abs() < 1e-6);
/// # Ok(())
/// # }
/// ```
pub fn contrastive(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_margin(margin, Embedding::Normalised)?;
    mean_over_pairs(
        &squared_distances(&normalise_rows(embedding)?)?,
        labels,
        margin,
        n,
    )
}

/// Returns the contrastive loss without normalisation (Hadsell et al. 2006): `d` is the distance between the rows of
/// `embedding` themselves.
///
/// `max(0, margin - d)^2` is not differentiable at equal rows; its gradient there is 0, as that of a norm in PyTorch. Rows
/// are equal if their distance is only rounding error: below a thousandth of their distances from the batch's mean.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not positive; or if the shapes disagree or
/// the device fails.
pub fn raw_contrastive(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_margin(margin, Embedding::Raw)?;
    let squared = squared_distances(embedding)?;
    let is_distinct = distinct_rows(embedding, &squared)?;
    mean_over_pairs(&squared.mul(&is_distinct)?, labels, margin, n)
}

fn check_margin(margin: f64, embedding: Embedding) -> Result<(), Error> {
    Ok(Contrastive { margin, embedding }.validate()?)
}

/// Returns the mean over all pairs of `n` rows, given their squared distances `[n, n]`.
fn mean_over_pairs(
    squared: &Tensor,
    labels: &Tensor,
    margin: f64,
    n: usize,
) -> Result<Tensor, Error> {
    let distance = (squared + EPSILON)?.sqrt()?;
    let shortfall = distance.affine(-1.0, margin)?;
    let is_short = shortfall.gt(0.0)?.to_dtype(DType::F32)?.detach();
    let shortfall = shortfall.mul(&is_short)?;
    let same = same_class(labels, squared.dtype())?;
    let different = same.affine(-1.0, 1.0)?;
    // The matrix holds every pair twice, and each row with itself at distance zero.
    let twice = (squared.mul(&same)? + shortfall.sqr()?.mul(&different)?)?;
    Ok((twice.sum_all()? / (n * (n - 1)) as f64)?)
}
