//! Dense layers.

use candle_core::{Result, Tensor, Var};
use candle_nn::{Module, VarBuilder};

use crate::weights::{parameter, uniform_init};

/// A dense layer, `x W^T + b`, with trainable parameters. Initialised as in PyTorch.
///
/// Replaces [`candle_nn::Linear`], which computes the largest gradient in transposed layout: see [`linear`].
///
/// # Example
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::Module;
/// use nodule_nn::{Dense, seeded_weights};
///
/// # fn main() -> candle_core::Result<()> {
/// let layer = Dense::new(3, 2, seeded_weights(1, &Device::Cpu).pp("head"))?;
/// let x = Tensor::ones((5, 3), DType::F32, &Device::Cpu)?;
/// assert_eq!(layer.forward(&x)?.dims(), [5, 2]);
/// assert_eq!(layer.parameters()[1].0, "head.weight");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Dense {
    name: String,
    pub(crate) weight: Var,
    pub(crate) bias: Var,
}

impl Dense {
    /// Returns a layer from `inputs` to `outputs` numbers with the tensors `weight` and `bias` of `weights`, whose prefix
    /// is the layer's name.
    ///
    /// # Errors
    /// If a tensor is missing, has another shape, or the device fails.
    pub fn new(inputs: usize, outputs: usize, weights: VarBuilder) -> Result<Self> {
        Ok(Self {
            name: weights.prefix(),
            weight: parameter(&weights, (outputs, inputs), "weight", uniform_init(inputs))?,
            bias: parameter(&weights, outputs, "bias", uniform_init(inputs))?,
        })
    }

    /// Name of the layer, the prefix of its parameters' names.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Parameters with their names.
    #[must_use]
    pub fn parameters(&self) -> [(String, Var); 2] {
        [
            (format!("{}.bias", self.name), self.bias.clone()),
            (format!("{}.weight", self.name), self.weight.clone()),
        ]
    }
}

/// Returns [`linear`] of `x` `[n, inputs]`.
impl Module for Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        linear(x, &self.weight, &self.bias)
    }
}

/// Returns `x W^T + b`: `x` `[n, in]`, `weight` `[out, in]`, `bias` `[out]`, result `[n, out]`.
///
/// The product is computed as `(W x^T)^T`, so that the gradient of the weight comes out in the weight's own layout. The
/// usual order would copy a network's largest tensor, transposed, in every step.
///
/// # Errors
/// If the shapes disagree or the device fails.
pub fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    weight.matmul(&x.t()?)?.t()?.broadcast_add(bias)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn linear_is_x_times_weight_transposed_plus_bias() {
        let device = Device::Cpu;
        let x = Tensor::new(&[[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]], &device).unwrap();
        let weight = Var::new(
            &[[1.0f32, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]],
            &device,
        )
        .unwrap();
        let bias = Var::new(&[0.5f32, 0.0, 0.0, -1.0], &device).unwrap();
        let y = linear(&x, &weight, &bias).unwrap();
        assert_eq!(
            y.to_vec2::<f32>().unwrap(),
            [
                [1.5, 2.0, 3.0, -1.0],
                [3.5, 4.0, 7.0, 1.0],
                [5.5, 6.0, 11.0, 3.0]
            ]
        );
        let gradients = y.sum_all().unwrap().backward().unwrap();
        let weight_gradient = gradients.get(&weight).unwrap();
        assert!(weight_gradient.is_contiguous());
        assert_eq!(weight_gradient.to_vec2::<f32>().unwrap(), [[9.0, 12.0]; 4]);
        assert_eq!(
            gradients.get(&bias).unwrap().to_vec1::<f32>().unwrap(),
            [3.0; 4]
        );
    }
}
