//! A convolution without a bias and its group normalisation: what a residual network is built of.

use candle_core::{Device, Result, Tensor, Var};

use crate::{Stride, conv2d, group_norm, group_norm_relu, initial};

/// What a unit is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnitShape {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) kernel: usize,
    pub(super) how: Stride,
    pub(super) groups: usize,
}

#[derive(Debug)]
pub(super) struct Unit {
    names: [String; 2],
    pub(super) shape: UnitShape,
    pub(super) weight: Var,
    pub(super) scale: Var,
    pub(super) shift: Var,
}

impl Unit {
    /// `names` are those of the convolution and of the normalisation.
    pub(super) fn new(
        names: [String; 2],
        shape: UnitShape,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        let UnitShape {
            inputs,
            outputs,
            kernel,
            ..
        } = shape;
        let weights = [outputs, inputs, kernel, kernel];
        let name = format!("{}.weight", names[0]);
        Ok(Self {
            weight: initial(&name, &weights, inputs * kernel * kernel, seed, device)?,
            scale: Var::ones(outputs, candle_core::DType::F32, device)?,
            shift: Var::zeros(outputs, candle_core::DType::F32, device)?,
            names,
            shape,
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = conv2d(x, &self.weight, self.shape.how)?;
        group_norm(&y, &self.scale, &self.shift, self.shape.groups)
    }

    /// And the ReLU after it.
    pub(super) fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        let y = conv2d(x, &self.weight, self.shape.how)?;
        group_norm_relu(&y, &self.scale, &self.shift, self.shape.groups)
    }

    pub(super) fn parameters(&self) -> [(String, Var); 3] {
        let [convolution, norm] = &self.names;
        [
            (format!("{convolution}.weight"), self.weight.clone()),
            (format!("{norm}.bias"), self.shift.clone()),
            (format!("{norm}.weight"), self.scale.clone()),
        ]
    }
}
