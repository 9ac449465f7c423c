//! Group normalisation as an operation of Candle's graph, parallel over images.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::image::{Norm, backward, forward};
use crate::slices::{add, floats, with_floats};

/// As [`super::group_norm`]: f32, on a CPU.
pub(super) fn on_cpu(
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
    fn with<'a>(&self, weight: &'a [f32], bias: &'a [f32]) -> Norm<'a> {
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
        let norm = self.with(floats(weight, weight_layout)?, floats(bias, bias_layout)?);
        let (_, c, h, w) = x_layout.shape().dims4()?;
        let x = floats(x, x_layout)?;
        let mut y = vec![0.0; x.len()];
        let images = x.par_chunks(c * h * w).zip(y.par_chunks_mut(c * h * w));
        images.for_each(|(x, y)| forward(&norm, x, y));
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
        let mut of_x = gradient.flatten_all()?.to_vec1::<f32>()?;
        let sums = with_floats([x, weight, bias], |[x, weight, bias]| {
            let norm = self.with(weight, bias);
            let images = x.par_chunks(c * h * w).zip(of_x.par_chunks_mut(c * h * w));
            let sums = images.map(|(x, gradient)| {
                let (mut of_weight, mut of_bias) = (vec![0.0; c], vec![0.0; c]);
                backward(&norm, x, gradient, (&mut of_weight, &mut of_bias));
                [of_weight, of_bias]
            });
            sums.collect::<Vec<_>>()
        })?;
        let total = |which: usize| {
            let mut total = vec![0.0; c];
            for sums in &sums {
                add(&mut total, &sums[which]);
            }
            Tensor::from_vec(total, c, x.device())
        };
        let of_x = Tensor::from_vec(of_x, x.shape(), x.device())?;
        Ok((Some(of_x), Some(total(0)?), Some(total(1)?)))
    }
}
