//! The fused layer as an operation of Candle's graph.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::geometry::Geometry;
use super::layer::{backward_images, forward_images};
use crate::slices::{floats, with_floats};

/// As [`super::conv_relu_pool`]: f32, on a CPU, 5x5 kernels.
pub(super) fn fused(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let [x, weight, bias] = [x, weight, bias].map(Tensor::contiguous);
    x?.apply_op3(
        &weight?,
        &bias?,
        ConvReluPool {
            winners: OnceLock::new(),
        },
    )
}

struct ConvReluPool {
    /// Which corner of its window each maximum came from: written by forward, read by backward.
    winners: OnceLock<Vec<u32>>,
}

impl CustomOp3 for ConvReluPool {
    fn name(&self) -> &'static str {
        "conv-relu-pool"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry = Geometry::new(x_layout.shape(), weight_layout.shape())?;
        let weight = floats(weight, weight_layout)?;
        let bias = floats(bias, bias_layout)?;
        let pooled = forward_images(&geometry, floats(x, x_layout)?, weight, bias);
        // An operation runs forward once: nothing can be there yet.
        let _ = self.winners.set(pooled.winners);
        Ok((CpuStorage::F32(pooled.values), geometry.output_shape()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        pooled: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(winners) = self.winners.get() else {
            bail!("conv-relu-pool: backward before forward")
        };
        let geometry = Geometry::new(x.shape(), weight.shape())?;
        let gradient = gradient.contiguous()?;
        let wanted = x.track_op();
        let gradients = with_floats(
            [x, weight, pooled, &gradient],
            |[x, weight, pooled, gradient]| {
                backward_images(&geometry, (x, weight), (pooled, winners), gradient, wanted)
            },
        )?;
        let device = x.device();
        let input = gradients
            .input
            .map(|values| Tensor::from_vec(values, x.shape(), device));
        Ok((
            input.transpose()?,
            Some(Tensor::from_vec(gradients.weight, weight.shape(), device)?),
            Some(Tensor::from_vec(gradients.bias, geometry.outputs, device)?),
        ))
    }
}
