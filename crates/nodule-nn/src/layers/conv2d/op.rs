//! The CPU convolution as an operation of Candle's graph.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use crate::kernels::conv2d::{Convolution, Geometry};
use crate::layers::slices::{as_slice, with_slices};

/// Returns the convolution of `x` with `weight`: `f32`, on a CPU.
pub(super) fn conv2d(x: &Tensor, weight: &Tensor, geometry: Geometry) -> Result<Tensor> {
    let [x, weight] = [x, weight].map(Tensor::contiguous);
    x?.apply_op2(&weight?, Conv2d(geometry))
}

struct Conv2d(Geometry);

impl CustomOp2 for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d-planes"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight) = (as_slice(x, x_layout)?, as_slice(weight, weight_layout)?);
        let values = Convolution::forward_batch(&self.0, x, weight);
        Ok((CpuStorage::F32(values), (&self.0.output_shape()).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let needs_input = x.track_op();
        let (input_gradient, weight_gradient) =
            with_slices([x, weight, &gradient], |[x, weight, gradient]| {
                Convolution::backward_batch(&self.0, x, weight, gradient, needs_input)
            })?;
        let input_gradient = input_gradient
            .map(|values| Tensor::from_vec(values, x.shape(), x.device()))
            .transpose()?;
        let weight_gradient = Tensor::from_vec(weight_gradient, weight.shape(), x.device())?;
        Ok((input_gradient, Some(weight_gradient)))
    }
}
