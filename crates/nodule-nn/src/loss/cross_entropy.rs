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

/// Mean cross-entropy of `logits` `[n, classes]` under `labels` u32 `[n]`: a scalar (*paper*).
///
/// # Errors
/// If the shapes disagree, a label names no class, or the device fails.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor, Error> {
    // The shift cancels in value and gradient; detached, it costs no backward pass.
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
    fn equal_logits_cost_the_logarithm_of_the_number_of_classes() {
        let logits = Tensor::zeros((3, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
        let labels = Tensor::new(&[0u32, 1, 1], &Device::Cpu).unwrap();
        let loss = cross_entropy(&logits, &labels)
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!((loss - std::f32::consts::LN_2).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn the_gradient_is_softmax_minus_one_hot_even_for_huge_logits_and_ties() {
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
