//! The convolution as an operation of Candle's graph, parallel over images.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::layer::Layer;
use super::sizes::Sizes;
use crate::slices::{TASK, add, floats, with_floats};

/// As [`super::conv2d`]: f32, on a CPU.
pub(super) fn on_cpu(x: &Tensor, weight: &Tensor, sizes: Sizes) -> Result<Tensor> {
    let [x, weight] = [x, weight].map(Tensor::contiguous);
    x?.apply_op2(&weight?, Conv2d(sizes))
}

struct Conv2d(Sizes);

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
        let (x, weight) = (floats(x, x_layout)?, floats(weight, weight_layout)?);
        let values = forward_images(&self.0, x, weight);
        Ok((CpuStorage::F32(values), self.0.output_shape()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let wanted = x.track_op();
        let (of_input, of_weight) =
            with_floats([x, weight, &gradient], |[x, weight, gradient]| {
                backward_images(&self.0, x, weight, gradient, wanted)
            })?;
        let of_input = of_input.map(|values| Tensor::from_vec(values, x.shape(), x.device()));
        let of_weight = Tensor::from_vec(of_weight, weight.shape(), x.device())?;
        Ok((of_input.transpose()?, Some(of_weight)))
    }
}

fn forward_images(sizes: &Sizes, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let layer = Layer::new(*sizes, weight, false);
    let mut values = vec![0.0; sizes.images * sizes.output()];
    let tasks = x.par_chunks(TASK * sizes.input());
    let outputs = values.par_chunks_mut(TASK * sizes.output());
    tasks.zip(outputs).for_each(|(images, outputs)| {
        let mut scratch = layer.scratch();
        let images = images.chunks_exact(sizes.input());
        for (x, output) in images.zip(outputs.chunks_exact_mut(sizes.output())) {
            layer.forward(x, &mut scratch, output);
        }
    });
    values
}

/// The gradients of x, where it is wanted, and of the weight.
fn backward_images(
    sizes: &Sizes,
    x: &[f32],
    weight: &[f32],
    gradient: &[f32],
    wanted: bool,
) -> (Option<Vec<f32>>, Vec<f32>) {
    let layer = Layer::new(*sizes, weight, wanted);
    let mut of_input = vec![0.0; if wanted { x.len() } else { 0 }];
    // One part of the input's gradient, or of nothing, for each task.
    let mut parts: Vec<&mut [f32]> = of_input.chunks_mut(TASK * sizes.input()).collect();
    parts.resize_with(sizes.images.div_ceil(TASK), Default::default);
    let images = x.par_chunks(TASK * sizes.input());
    let gradients = gradient.par_chunks(TASK * sizes.output());
    let tasks = parts.into_par_iter().zip(images).zip(gradients);
    let sums = tasks.map(|((part, images), gradients)| {
        let mut scratch = layer.scratch();
        let mut sums = vec![0.0; weight.len()];
        let mut part = part.chunks_exact_mut(sizes.input());
        let images = images.chunks_exact(sizes.input());
        for (x, gradient) in images.zip(gradients.chunks_exact(sizes.output())) {
            layer.backward(x, gradient, &mut scratch, &mut sums, part.next());
        }
        sums
    });
    let sums: Vec<Vec<f32>> = sums.collect();
    let mut of_weight = vec![0.0; weight.len()];
    for sums in &sums {
        add(&mut of_weight, sums);
    }
    (wanted.then_some(of_input), of_weight)
}
