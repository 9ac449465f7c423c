//! Cross-entropy: `-1/n sum_i log softmax(logits_i)[label_i]`.

use candle_core::{D, Tensor};
pub use nodule_config::CrossEntropy;

use crate::{Error, Loss, Output};

impl Loss for CrossEntropy {
    fn trains_head(&self) -> bool {
        true
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        cross_entropy(&output.logits, labels)
    }
}

/// Returns the mean cross-entropy of `logits` `[n, classes]` with `labels` `u32` `[n]`, a scalar.
///
/// Replaces [`candle_nn::loss::cross_entropy`], whose maximum takes part in the backward pass: it costs time, and ties add
/// rounding errors to the gradient.
///
/// # Errors
/// If the shapes disagree, a label is not a class, or the device fails.
///
/// # Example
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_nn::losses::cross_entropy;
///
/// # fn main() -> Result<(), nodule_nn::Error> {
/// let logits = Tensor::new(&[[0f32, 0.], [2., 2.]], &Device::Cpu)?;
/// let labels = Tensor::new(&[0u32, 1], &Device::Cpu)?;
/// let loss = cross_entropy(&logits, &labels)?.to_scalar::<f32>()?;
/// assert!((loss - std::f32::consts::LN_2).abs() < 1e-6);
/// # Ok(())
/// # }
/// ```
pub fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor, Error> {
    // The maximum cancels in value and gradient; detached, it needs no backward pass.
    let shifted = logits.broadcast_sub(&logits.max_keepdim(D::Minus1)?.detach())?;
    let log_total = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    let chosen = shifted.gather(&labels.unsqueeze(1)?, 1)?;
    Ok((log_total - chosen)?.mean_all()?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn loss_of_equal_logits_is_the_logarithm_of_the_number_of_classes() {
        let logits = Tensor::zeros((3, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
        let labels = Tensor::new(&[0u32, 1, 1], &Device::Cpu).unwrap();
        let loss = cross_entropy(&logits, &labels)
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!((loss - std::f32::consts::LN_2).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn gradient_is_softmax_minus_one_hot_even_for_huge_logits_and_ties() {
        let logits = Var::new(&[[0.0f32, 0.0], [1000.0, -1000.0]], &Device::Cpu).unwrap();
        let labels = Tensor::new(&[1u32, 1], &Device::Cpu).unwrap();
        let loss = cross_entropy(&logits, &labels).unwrap();
        assert!(
            (loss.to_scalar::<f32>().unwrap() - (std::f32::consts::LN_2 + 2000.0) / 2.0).abs()
                < 1e-3
        );
        let gradients = loss.backward().unwrap();
        let gradient = gradients.get(&logits).unwrap().to_vec2::<f32>().unwrap();
        for (row, expected) in gradient.iter().zip([[0.25, -0.25], [0.5, -0.5]]) {
            for (g, e) in row.iter().zip(expected) {
                assert!((g - e).abs() < 1e-6, "{gradient:?}");
            }
        }
    }
}
