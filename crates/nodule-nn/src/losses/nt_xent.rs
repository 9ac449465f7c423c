//! NT-Xent, the normalised temperature-scaled cross-entropy of `SimCLR`.

use candle_core::Tensor;
pub use nodule_config::NtXent;

use super::pairs::{check_temperature, log_softmax_similarities};
use crate::error::reject;
use crate::{Error, Loss, Output};

impl Loss for NtXent {
    fn views(&self) -> usize {
        2
    }

    fn compute(&self, output: &Output, _: &Tensor) -> Result<Tensor, Error> {
        nt_xent(&output.embedding, self.temperature)
    }
}

/// Returns the mean NT-Xent loss over all rows (Chen et al. 2020, equation 1), a scalar:
/// `-log(exp(z_i z_j / t) / sum_{k != i} exp(z_i z_k / t))`.
///
/// Rows `i` and `i + n / 2` of `embedding` `[n, dimension]` are two views of one image, the positive pair `i`, `j`; `z`
/// are the L2-normalised rows. Labels are not used.
///
/// # Errors
/// [`Error::Setting`] if the rows are not two views of at least two images or the temperature is not positive; or if the
/// device fails.
pub fn nt_xent(embedding: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_temperature(temperature)?;
    if n < 4 || !n.is_multiple_of(2) {
        return reject("batch", n, "two views of each of at least 2 images");
    }
    let half = (n / 2) as u32;
    let partner: Vec<u32> = (0..2 * half).map(|i| (i + half) % (2 * half)).collect();
    let partner = Tensor::from_vec(partner, (n, 1), embedding.device())?;
    let log_softmax = log_softmax_similarities(embedding, temperature)?;
    Ok(log_softmax.gather(&partner, 1)?.mean_all()?.neg()?)
}
