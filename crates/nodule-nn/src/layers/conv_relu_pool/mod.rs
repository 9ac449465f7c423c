//! Convolution, bias, ReLU and 2x2 maximum pooling as one layer.
//!
//! On a CPU one fused kernel computes all four ([`crate::kernels::conv_relu_pool`]); elsewhere they are four
//! operations of Candle.

mod candle_ops;
mod op;

use candle_core::{Result, Tensor, Var, bail};
use candle_nn::{Module, VarBuilder};

use super::has_kernel;
use crate::kernels::conv_relu_pool::KERNEL;
use crate::weights::{parameter, uniform_init};

/// A convolution with bias, ReLU and 2x2 maximum pooling, with trainable parameters: [`conv_relu_pool`]. Initialised as
/// in PyTorch.
#[derive(Debug, Clone)]
pub struct ConvReluPool {
    name: String,
    pub(crate) weight: Var,
    pub(crate) bias: Var,
}

impl ConvReluPool {
    /// Returns a layer from `channels` to `outputs` feature maps with filters of `kernel` by `kernel` pixels: the tensors
    /// `weight` and `bias` of `weights`, whose prefix is the layer's name.
    ///
    /// # Errors
    /// If a tensor is missing, has another shape, or the device fails.
    pub fn new(
        channels: usize,
        outputs: usize,
        kernel: usize,
        weights: VarBuilder,
    ) -> Result<Self> {
        let init = uniform_init(channels * kernel * kernel);
        let shape = (outputs, channels, kernel, kernel);
        Ok(Self {
            name: weights.prefix(),
            weight: parameter(&weights, shape, "weight", init)?,
            bias: parameter(&weights, outputs, "bias", init)?,
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

/// Returns [`conv_relu_pool`] of `x` `[n, channels, h, w]`.
impl Module for ConvReluPool {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        conv_relu_pool(x, &self.weight, &self.bias)
    }
}

/// Returns `max_pool2d(relu(conv2d(x, weight) + bias), 2)`: `x` `[n, c, h, w]`, `weight` `[o, c, k, k]`, `bias` `[o]`,
/// result `[n, o, (h - k + 1) / 2, (w - k + 1) / 2]`, rounded down. No padding, stride 1.
///
/// Gradients are those of PyTorch: the first of equal maxima in a window, row by row, gets the gradient; the ReLU has
/// gradient 0 at 0; a row or column that pooling leaves over gets none. The gradient of `x` is computed only if `x` is
/// tracked. Results do not depend on the number of threads.
///
/// On a CPU, layers of several channels and outputs use minimal filtering (Lavin & Gray 2016). Their output is accurate
/// to a millionth of its largest value, and equal corners of a window may differ by rounding unless all numbers are
/// whole.
///
/// # Errors
/// If the shapes disagree, the image is too small for one window, or the device fails.
///
/// # Example
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use nodule_nn::conv_relu_pool;
///
/// # fn main() -> candle_core::Result<()> {
/// let x = Tensor::ones((1, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// let weight = Tensor::ones((3, 1, 5, 5), DType::F32, &Device::Cpu)?;
/// let bias = Tensor::zeros(3, DType::F32, &Device::Cpu)?;
/// let y = conv_relu_pool(&x, &weight, &bias)?;
/// assert_eq!(y.dims(), [1, 3, 2, 2]);
/// assert_eq!(y.max_all()?.to_scalar::<f32>()?, 25.0);
/// # Ok(())
/// # }
/// ```
pub fn conv_relu_pool(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (_, c, h, w) = x.dims4()?;
    let (o, weight_c, kernel_h, kernel_w) = weight.dims4()?;
    if c != weight_c || kernel_h != kernel_w || bias.dims() != [o] || h.min(w) < kernel_h + 1 {
        bail!(
            "conv_relu_pool: x {:?}, weight {:?} and bias {:?} do not fit together",
            x.dims(),
            weight.dims(),
            bias.dims()
        );
    }
    if has_kernel(x) && kernel_h == KERNEL {
        op::conv_relu_pool(x, weight, bias)
    } else {
        candle_ops::candle_conv_relu_pool(x, weight, bias)
    }
}

#[cfg(test)]
mod tests;
