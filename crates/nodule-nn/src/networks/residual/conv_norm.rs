//! A convolution without bias, followed by group normalisation: the building block of a residual network.

use candle_core::{Result, Tensor, Var};
use candle_nn::{Conv2dConfig, Init, VarBuilder};

use crate::weights::{parameter, uniform_init};
use crate::{conv2d, group_norm, group_norm_relu};

/// Sizes of a convolution with group normalisation.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConvNormConfig {
    pub(super) channels: usize,
    pub(super) outputs: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) groups: usize,
}

/// A convolution and its group normalisation, with their parameters.
#[derive(Debug, Clone)]
pub(super) struct ConvNorm {
    /// Names of the convolution and of the normalisation.
    names: [String; 2],
    pub(super) groups: usize,
    pub(super) convolution: Conv2dConfig,
    /// Filters, `[o, c, k, k]`.
    pub(super) weight: Var,
    /// Scale of the normalisation, `[o]`.
    pub(super) scale: Var,
    /// Shift of the normalisation, `[o]`.
    pub(super) shift: Var,
}

impl ConvNorm {
    /// Returns the unit with the tensors of the prefixes `convolution` (`weight`) and `norm` (`weight`, `bias`).
    pub(super) fn new(
        config: ConvNormConfig,
        convolution: VarBuilder,
        norm: VarBuilder,
    ) -> Result<Self> {
        let ConvNormConfig {
            channels,
            outputs,
            kernel,
            stride,
            groups,
        } = config;
        let init = uniform_init(channels * kernel * kernel);
        Ok(Self {
            groups,
            convolution: Conv2dConfig {
                padding: kernel / 2,
                stride,
                ..Conv2dConfig::default()
            },
            weight: parameter(
                &convolution,
                (outputs, channels, kernel, kernel),
                "weight",
                init,
            )?,
            scale: parameter(&norm, outputs, "weight", Init::Const(1.0))?,
            shift: parameter(&norm, outputs, "bias", Init::Const(0.0))?,
            names: [convolution.prefix(), norm.prefix()],
        })
    }

    /// Returns the normalised convolution of `x` `[n, c, h, w]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = conv2d(x, &self.weight, self.convolution)?;
        group_norm(&y, &self.scale, &self.shift, self.groups)
    }

    /// Returns the ReLU of [`Self::forward`].
    pub(super) fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        let y = conv2d(x, &self.weight, self.convolution)?;
        group_norm_relu(&y, &self.scale, &self.shift, self.groups)
    }

    /// Names of the convolution and of the normalisation, the prefixes of their parameters' names.
    pub(super) fn names(&self) -> &[String; 2] {
        &self.names
    }

    /// Parameters with their names.
    pub(super) fn parameters(&self) -> [(String, Var); 3] {
        let [convolution, norm] = &self.names;
        [
            (format!("{convolution}.weight"), self.weight.clone()),
            (format!("{norm}.bias"), self.shift.clone()),
            (format!("{norm}.weight"), self.scale.clone()),
        ]
    }
}
