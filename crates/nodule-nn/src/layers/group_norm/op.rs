//! The CPU group normalisation as an operation of Candle's graph, parallel over images.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use crate::kernels::accumulate;
use crate::kernels::group_norm::{Norm, backward, forward};
use crate::layers::slices::{as_slice, with_slices};

/// Returns the normalised `x`, with a ReLU if `relu` is set: `f32`, on a CPU.
pub(super) fn group_norm(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    groups: usize,
    relu: bool,
) -> Result<Tensor> {
    let [x, weight, bias] = [x, weight, bias].map(Tensor::contiguous);
    x?.apply_op3(&weight?, &bias?, GroupNorm { groups, relu })
}

struct GroupNorm {
    groups: usize,
    relu: bool,
}

impl GroupNorm {
    fn norm<'a>(&self, weight: &'a [f32], bias: &'a [f32]) -> Norm<'a> {
        Norm {
            weight,
            bias,
            groups: self.groups,
            relu: self.relu,
        }
    }
}

impl CustomOp3 for GroupNorm {
    fn name(&self) -> &'static str {
        "group-norm"
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
        let norm = self.norm(
            as_slice(weight, weight_layout)?,
            as_slice(bias, bias_layout)?,
        );
        let (_, c, h, w) = x_layout.shape().dims4()?;
        let x = as_slice(x, x_layout)?;
        let mut y = vec![0.0; x.len()];
        x.par_chunks(c * h * w)
            .zip(y.par_chunks_mut(c * h * w))
            .for_each(|(x, y)| forward(&norm, x, y));
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, c, h, w) = x.dims4()?;
        // Holds the output gradient first; the kernel replaces it by the input gradient.
        let mut gradient = gradient.flatten_all()?.to_vec1::<f32>()?;
        let sums = with_slices([x, weight, bias], |[x, weight, bias]| {
            let norm = self.norm(weight, bias);
            let images = x
                .par_chunks(c * h * w)
                .zip(gradient.par_chunks_mut(c * h * w));
            images
                .map(|(x, gradient)| {
                    let (mut weight_gradient, mut bias_gradient) = (vec![0.0; c], vec![0.0; c]);
                    let sums = (weight_gradient.as_mut_slice(), bias_gradient.as_mut_slice());
                    backward(&norm, x, gradient, sums);
                    [weight_gradient, bias_gradient]
                })
                .collect::<Vec<_>>()
        })?;
        let total = |parameter: usize| {
            let mut total = vec![0.0; c];
            for sums in &sums {
                accumulate(&mut total, &sums[parameter]);
            }
            Tensor::from_vec(total, c, x.device())
        };
        let input_gradient = Tensor::from_vec(gradient, x.shape(), x.device())?;
        Ok((Some(input_gradient), Some(total(0)?), Some(total(1)?)))
    }
}
