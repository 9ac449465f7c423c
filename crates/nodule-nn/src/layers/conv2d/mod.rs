//! Convolution without bias or pooling, with any square filter, stride and zero padding.

mod op;

use candle_core::{Result, Tensor, bail};
use candle_nn::Conv2dConfig;

use super::has_kernel;
use crate::kernels::conv2d::Geometry;

/// Returns the convolution of `x` `[n, c, h, w]` with `weight` `[o, c, k, k]`:
/// `[n, o, (h + 2 padding - k) / stride + 1, ...]`, rounded down. There is no bias.
///
/// Replaces [`Tensor::conv2d`] on a CPU, whose backward pass is many times slower in Candle 0.11. The gradient of `x` is
/// computed only if `x` is tracked. Results do not depend on the number of threads. The rounding of the weight gradient
/// depends on the processor's vector width.
///
/// # Errors
/// If the shapes disagree, the padding is as wide as the filter, `config` has groups or dilation, or the device fails.
///
/// # Example
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::Conv2dConfig;
/// use nodule_nn::conv2d;
///
/// # fn main() -> candle_core::Result<()> {
/// let x = Tensor::ones((1, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// let weight = Tensor::ones((2, 1, 3, 3), DType::F32, &Device::Cpu)?;
/// let config = Conv2dConfig { padding: 1, stride: 2, ..Conv2dConfig::default() };
/// assert_eq!(conv2d(&x, &weight, config)?.dims(), [1, 2, 4, 4]);
/// # Ok(())
/// # }
/// ```
pub fn conv2d(x: &Tensor, weight: &Tensor, config: Conv2dConfig) -> Result<Tensor> {
    let geometry = geometry(x.dims(), weight.dims(), config)?;
    if has_kernel(x) {
        op::conv2d(x, weight, geometry)
    } else {
        x.conv2d(weight, config.padding, config.stride, 1, 1)
    }
}

/// Returns the sizes of a convolution, after checking that its shapes fit together.
fn geometry(x: &[usize], weight: &[usize], config: Conv2dConfig) -> Result<Geometry> {
    let (Ok(x), Ok(weight)) = (<[usize; 4]>::try_from(x), <[usize; 4]>::try_from(weight)) else {
        bail!("conv2d: x {x:?} and weight {weight:?} must have four dimensions");
    };
    let Conv2dConfig {
        stride,
        padding,
        dilation: 1,
        groups: 1,
        ..
    } = config
    else {
        bail!("conv2d: dilation and groups are not supported: {config:?}");
    };
    let Some(geometry) = Geometry::new(x, weight, stride, padding) else {
        bail!(
            "conv2d: x {x:?}, weight {weight:?}, stride {stride} and padding {padding} do not fit together"
        );
    };
    Ok(geometry)
}

#[cfg(test)]
mod tests;
