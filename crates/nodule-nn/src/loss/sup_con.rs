//! Supervised contrastive loss: every image is drawn to all others of its class at once.

use candle_core::{D, Tensor};
pub use nodule_config::SupCon;

use super::sphere::{check_pairs, check_temperature, log_shares, others, same_class};
use crate::{Error, Loss, Output};

impl Loss for SupCon {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        sup_con(&output.embedding, labels, self.temperature)
    }
}

/// Mean supervised contrastive loss (Khosla et al. 2020, equation 2, the sum outside the logarithm)
/// over the images of a batch that have another of their class, a scalar:
/// `-1/|P(i)| sum_{p in P(i)} log(exp(z_i z_p / t) / sum_{a != i} exp(z_i z_a / t))`, with the
/// L2-normalised rows `z` of `embedding` `[n, dimension]`; `labels` are u32 `[n]`. One view an image
/// (*ours*: the paper's two differ by augmentation).
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the temperature is not positive; or
/// if the shapes disagree or the device fails.
pub fn sup_con(embedding: &Tensor, labels: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_temperature(temperature)?;
    let positives = same_class(labels, embedding.dtype())?.mul(&others(n, embedding)?)?;
    let counts = positives.sum(D::Minus1)?;
    let total = log_shares(embedding, temperature)?
        .mul(&positives)?
        .sum(D::Minus1)?;
    // An image alone in its class has a sum of 0: any divisor but 0 will do.
    let mean = total.div(&counts.maximum(1.0)?)?;
    let anchors = counts
        .gt(0.0)?
        .to_dtype(embedding.dtype())?
        .sum_all()?
        .maximum(1.0)?;
    Ok(mean.sum_all()?.neg()?.div(&anchors)?)
}
