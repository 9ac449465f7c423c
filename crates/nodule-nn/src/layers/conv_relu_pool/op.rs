//! The fused CPU layer as an operation of Candle's graph.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use crate::kernels::conv_relu_pool::{Geometry, backward_batch, forward_batch};
use crate::layers::slices::{as_slice, with_slices};

/// Returns the same as [`super::conv_relu_pool`]: `f32`, on a CPU, 5x5 filters.
pub(super) fn conv_relu_pool(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let [x, weight, bias] = [x, weight, bias].map(Tensor::contiguous);
    x?.apply_op3(
        &weight?,
        &bias?,
        ConvReluPool {
            argmax: OnceLock::new(),
        },
    )
}

struct ConvReluPool {
    /// Corner of the maximum in each pooling window: written by forward, read by backward.
    argmax: OnceLock<Vec<u32>>,
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
        let geometry = geometry(x_layout.shape(), weight_layout.shape())?;
        let weight = as_slice(weight, weight_layout)?;
        let bias = as_slice(bias, bias_layout)?;
        let pooled = forward_batch(&geometry, as_slice(x, x_layout)?, weight, bias);
        // Candle runs forward once for each operation, so the cell is empty.
        let _ = self.argmax.set(pooled.argmax);
        Ok((
            CpuStorage::F32(pooled.values),
            (&geometry.output_shape()).into(),
        ))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        pooled: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(argmax) = self.argmax.get() else {
            bail!("conv-relu-pool: backward before forward")
        };
        let geometry = geometry(x.shape(), weight.shape())?;
        let gradient = gradient.contiguous()?;
        let needs_input = x.track_op();
        let gradients = with_slices(
            [x, weight, pooled, &gradient],
            |[x, weight, pooled, gradient]| {
                backward_batch(
                    &geometry,
                    (x, weight),
                    (pooled, argmax),
                    gradient,
                    needs_input,
                )
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

fn geometry(x: &Shape, weight: &Shape) -> Result<Geometry> {
    let (n, c, h, w) = x.dims4()?;
    let (outputs, ..) = weight.dims4()?;
    Ok(Geometry::new([n, c, h, w], outputs))
}
