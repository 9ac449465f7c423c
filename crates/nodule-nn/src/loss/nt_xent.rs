//! NT-Xent: of all other images in the batch, an image must recognise the other view of itself.

use candle_core::Tensor;
pub use nodule_config::NtXent;

use super::sphere::{check_temperature, log_shares};
use crate::error::refuse;
use crate::{Error, Loss, Output};

impl Loss for NtXent {
    fn views(&self) -> usize {
        2
    }

    fn compute(&self, output: &Output, _: &Tensor) -> Result<Tensor, Error> {
        nt_xent(&output.embedding, self.temperature)
    }
}

/// Normalised temperature-scaled cross-entropy (Chen et al. 2020, equation 1), a scalar:
/// `-log(exp(z_i z_j / t) / sum_{k != i} exp(z_i z_k / t))`, mean over all rows. Rows `i` and
/// `i + n / 2` of `embedding` `[n, dimension]` are two views of one image; `z` are the rows,
/// L2-normalised. It sees no labels.
///
/// # Errors
/// [`Error::Setting`] if the rows are not two views of two images at least or the temperature is not
/// positive; or if the device fails.
pub fn nt_xent(embedding: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_temperature(temperature)?;
    if n < 4 || !n.is_multiple_of(2) {
        return refuse("batch", n, "two views of each of at least 2 images");
    }
    let half = (n / 2) as u32;
    let partner: Vec<u32> = (0..2 * half).map(|i| (i + half) % (2 * half)).collect();
    let partner = Tensor::from_vec(partner, (n, 1), embedding.device())?;
    let log_shares = log_shares(embedding, temperature)?;
    Ok(log_shares.gather(&partner, 1)?.mean_all()?.neg()?)
}
