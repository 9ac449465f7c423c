//! The ReLU with PyTorch's gradient at 0.

use candle_core::{Result, Tensor};

/// Returns `max(x, 0)`, with gradient 0 at 0 as in PyTorch.
///
/// Replaces [`Tensor::relu`], whose gradient at 0 is 1 in Candle 0.11.
///
/// # Errors
/// If the device fails.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    let is_positive = x.gt(0.0)?.to_dtype(x.dtype())?.detach();
    x.mul(&is_positive)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn relu_has_no_gradient_at_zero() {
        let x = Var::new(&[-1.0f32, 0.0, 2.0], &Device::Cpu).unwrap();
        let y = relu(&x).unwrap();
        assert_eq!(y.to_vec1::<f32>().unwrap(), [0.0, 0.0, 2.0]);
        let gradients = y.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&x).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(gradient, [0.0, 0.0, 1.0]);
    }
}
