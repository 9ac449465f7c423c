//! Supervised contrastive loss.

use candle_core::{D, Tensor};
pub use nodule_config::SupCon;

use super::pairs::{
    check_pairs, check_temperature, log_softmax_similarities, off_diagonal, same_class,
};
use crate::{Error, Loss, Output};

impl Loss for SupCon {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        sup_con(&output.embedding, labels, self.temperature)
    }
}

/// Returns the mean supervised contrastive loss (Khosla et al. 2020, equation 2: the sum outside the logarithm), a
/// scalar: `-1/|P(i)| sum_{p in P(i)} log(exp(z_i z_p / t) / sum_{a != i} exp(z_i z_a / t))`.
///
/// Anchors `i` are the images of a batch with others of their class, `P(i)`. `z` are the L2-normalised rows of
/// `embedding` `[n, dimension]`; `labels` are `u32` `[n]`. One view of each image (*ours*: the paper augments two).
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the temperature is not positive; or if the shapes
/// disagree or the device fails.
pub fn sup_con(embedding: &Tensor, labels: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_temperature(temperature)?;
    let positives = same_class(labels, embedding.dtype())?.mul(&off_diagonal(n, embedding)?)?;
    let counts = positives.sum(D::Minus1)?;
    let total = log_softmax_similarities(embedding, temperature)?
        .mul(&positives)?
        .sum(D::Minus1)?;
    // An image without positives has a sum of 0; the divisor only has to differ from 0.
    let mean = total.div(&counts.maximum(1.0)?)?;
    let anchors = counts
        .gt(0.0)?
        .to_dtype(embedding.dtype())?
        .sum_all()?
        .maximum(1.0)?;
    Ok(mean.sum_all()?.neg()?.div(&anchors)?)
}
