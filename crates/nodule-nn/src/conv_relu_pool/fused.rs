//! The fused kernel as an operation of Candle's graph, parallel over images.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};
use rayon::prelude::*;

use super::backward::{self, Gathered, Image, backward};
use super::forward::{self, forward, pack};
use super::geometry::Geometry;

/// Images of one task. Fixed, so that sums have one order whatever the number of threads.
const TASK: usize = 8;

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
    /// Which input each maximum came from: written by forward, read by backward.
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
        let geometry = Geometry::new(x_layout, weight_layout)?;
        let x = floats(x, x_layout)?;
        let packed = pack(
            &geometry,
            floats(weight, weight_layout)?,
            floats(bias, bias_layout)?,
        );
        let mut pooled = vec![0.0; geometry.images * geometry.output()];
        let mut winners = vec![0; pooled.len()];
        let tasks = x.par_chunks(TASK * geometry.input());
        let outputs = pooled.par_chunks_mut(TASK * geometry.output());
        let places = winners.par_chunks_mut(TASK * geometry.output());
        tasks
            .zip(outputs)
            .zip(places)
            .for_each(|((images, pooled), winners)| {
                let mut scratch = forward::scratch(&geometry);
                let images = images.chunks_exact(geometry.input());
                let outputs = pooled.chunks_exact_mut(geometry.output());
                let places = winners.chunks_exact_mut(geometry.output());
                for ((image, pooled), winners) in images.zip(outputs).zip(places) {
                    forward(&geometry, &packed, image, &mut scratch, pooled, winners);
                }
            });
        // An operation runs forward once: nothing can be there yet.
        let _ = self.winners.set(winners);
        let shape = (
            geometry.images,
            geometry.outputs,
            geometry.pooled_height,
            geometry.pooled_width,
        );
        Ok((CpuStorage::F32(pooled), shape.into()))
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
        let geometry = Geometry::new(x.layout(), weight.layout())?;
        let gradient = gradient.contiguous()?;
        let layer = Layer {
            geometry,
            x,
            weight,
            pooled,
            gradient: &gradient,
            winners,
        };
        let (input, sums) = layer.gradients(x.track_op())?;
        let device = x.device();
        let input = input
            .map(|values| Tensor::from_vec(values, x.shape(), device))
            .transpose()?;
        let of_weight = backward::unpack(&geometry, &sums.weight);
        Ok((
            input,
            Some(Tensor::from_vec(of_weight, weight.shape(), device)?),
            Some(Tensor::from_vec(sums.bias, geometry.outputs, device)?),
        ))
    }
}

struct Layer<'a> {
    geometry: Geometry,
    x: &'a Tensor,
    weight: &'a Tensor,
    pooled: &'a Tensor,
    gradient: &'a Tensor,
    winners: &'a [u32],
}

impl Layer<'_> {
    /// The gradients of x, where they are wanted, and of weight and bias.
    fn gradients(&self, of_input: bool) -> Result<(Option<Vec<f32>>, Gathered)> {
        let geometry = &self.geometry;
        let filters = with_floats(self.weight, |w| backward::filters(geometry, w))?;
        let mut input = vec![
            0.0;
            if of_input {
                geometry.images * geometry.input()
            } else {
                0
            }
        ];
        let (size, output) = (geometry.input(), geometry.output());
        // Chunks of the input's gradient, or of nothing, one a task.
        let tasks = geometry.images.div_ceil(TASK);
        let mut parts: Vec<_> = (0..tasks)
            .map(|_| Default::default())
            .collect::<Vec<&mut [f32]>>();
        for (part, chunk) in parts.iter_mut().zip(input.chunks_mut(TASK * size)) {
            *part = chunk;
        }
        let sums = with_floats(self.x, |x| {
            with_floats(self.pooled, |pooled| {
                with_floats(self.gradient, |gradient| {
                    let task = |(task, part): (usize, &mut [f32])| {
                        let mut scratch = backward::scratch(geometry);
                        let mut sums = backward::gathered(geometry);
                        let mut part = part.chunks_exact_mut(size);
                        for i in task * TASK..geometry.images.min((task + 1) * TASK) {
                            let span = i * output..(i + 1) * output;
                            let image = Image {
                                input: &x[i * size..(i + 1) * size],
                                pooled: &pooled[span.clone()],
                                winners: &self.winners[span.clone()],
                                gradient: &gradient[span],
                            };
                            let part = part.next();
                            backward(geometry, &filters, &image, &mut scratch, &mut sums, part);
                        }
                        sums
                    };
                    parts
                        .into_par_iter()
                        .enumerate()
                        .map(task)
                        .collect::<Vec<_>>()
                })
            })
        })???;
        Ok((of_input.then_some(input), sum(geometry, &sums)))
    }
}

/// Adds up the tasks' sums in their order.
fn sum(geometry: &Geometry, parts: &[Gathered]) -> Gathered {
    let mut total = backward::gathered(geometry);
    for part in parts {
        total
            .weight
            .iter_mut()
            .zip(&part.weight)
            .for_each(|(t, p)| *t += p);
        total
            .bias
            .iter_mut()
            .zip(&part.bias)
            .for_each(|(t, p)| *t += p);
    }
    total
}

/// The values of a contiguous f32 tensor on the CPU.
fn with_floats<R>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(read(floats(storage, layout)?)),
        _ => bail!("conv-relu-pool: a tensor left the CPU"),
    }
}

fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets())
    else {
        bail!("conv-relu-pool: needs contiguous f32 tensors");
    };
    Ok(&values[start..end])
}
