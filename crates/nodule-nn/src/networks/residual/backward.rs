//! Loss and gradients of one batch of the residual network on a CPU, for training.
//!
//! Group normalisation keeps images independent. A thread therefore runs one image through all convolutions, forward and
//! backward, while its feature maps are in the cache. Candle's graph would pass over the whole batch in every operation,
//! and add every gradient to a new tensor of zeros. The graph holds what follows the means of the feature maps.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::conv_norm::ConvNorm;
use super::scratch::ScratchPool;
use super::{Block, ResidualNetwork};
use crate::kernels::conv2d::{Convolution, Geometry, Scratch};
use crate::kernels::group_norm::{Norm, backward, forward};
use crate::kernels::{IMAGES_PER_TASK, accumulate};
use crate::layers::conv2d_geometry;
use crate::layers::slices::with_slices;
use crate::{Error, Loss};

/// Returns the same as the default [`crate::Network::gradients`] up to rounding, for `f32` images on a CPU.
pub(super) fn gradients(
    network: &ResidualNetwork,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let images = images.contiguous()?;
    let body = Body::new(network, images.dims())?;
    let count = images.dims()[0];
    let mut saved: Vec<Saved> = with_slices([&images], |[x]| body.forward_batch(x))?;
    let means: Vec<f32> = saved
        .iter_mut()
        .flat_map(|saved| std::mem::take(&mut saved.means))
        .collect();
    let means = Tensor::from_vec(means, (count, body.channels()), images.device())?;
    let means = Var::from_tensor(&means)?;
    let value = loss.compute(&network.forward_means(&means)?, labels)?;
    let mut gradients = value.backward()?;
    let Some(means_gradient) = gradients.remove(&means) else {
        return Ok((value, gradients));
    };
    let means_gradient = means_gradient.flatten_all()?.to_vec1::<f32>()?;
    let sums = with_slices([&images], |[x]| {
        body.backward_batch(x, &mut saved, &means_gradient)
    })?;
    for (unit, sums) in network.units().zip(sums) {
        let found = [
            (&unit.weight, sums.weight),
            (&unit.scale, sums.scale),
            (&unit.shift, sums.shift),
        ];
        for (parameter, values) in found {
            let gradient = Tensor::from_vec(values, parameter.shape(), images.device())?;
            gradients.insert(parameter, gradient);
        }
    }
    Ok((value, gradients))
}

/// A unit with packed weights.
struct PackedUnit {
    convolution: Convolution,
    geometry: Geometry,
    weights: usize,
    scale: Vec<f32>,
    shift: Vec<f32>,
    groups: usize,
}

/// Indices of a block's units.
#[derive(Clone, Copy)]
struct BlockUnits {
    first: usize,
    second: usize,
    shortcut: Option<usize>,
}

/// The network up to the means of its feature maps, with packed weights.
struct Body<'a> {
    pool: &'a ScratchPool,
    /// In the order of [`ResidualNetwork::units`].
    units: Vec<PackedUnit>,
    blocks: Vec<BlockUnits>,
}

/// Results of one image's forward pass, saved for backward.
struct Saved {
    /// Output of each unit's convolution, in the order of units.
    convolved: Vec<Vec<f32>>,
    /// Output of the stem, then of every block.
    outputs: Vec<Vec<f32>>,
    /// Means of the last block's feature maps.
    means: Vec<f32>,
}

/// Gradients of one unit's parameters, accumulated over images.
#[derive(Clone)]
struct ParameterSums {
    weight: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl PackedUnit {
    /// Packs a unit for inputs of shape `x` `[n, c, h, w]`.
    fn new(unit: &ConvNorm, x: &[usize], needs_input: bool) -> Result<Self, Error> {
        let geometry = conv2d_geometry(x, unit.weight.dims(), unit.convolution)?;
        let parameters = [&*unit.weight, &*unit.scale, &*unit.shift];
        Ok(with_slices(parameters, |[weight, scale, shift]| Self {
            convolution: Convolution::new(geometry, weight, needs_input),
            geometry,
            weights: weight.len(),
            scale: scale.to_vec(),
            shift: shift.to_vec(),
            groups: unit.groups,
        })?)
    }

    fn norm(&self, relu: bool) -> Norm<'_> {
        Norm {
            weight: &self.scale,
            bias: &self.shift,
            groups: self.groups,
            relu,
        }
    }

    /// Returns accumulators at zero.
    fn zero_sums(&self) -> ParameterSums {
        ParameterSums {
            weight: vec![0.0; self.weights],
            scale: vec![0.0; self.scale.len()],
            shift: vec![0.0; self.shift.len()],
        }
    }

    /// Returns the convolution of `x`, and its normalisation.
    fn forward(
        &self,
        x: &[f32],
        (scratch, pool): (&mut Scratch, &ScratchPool),
        relu: bool,
    ) -> [Vec<f32>; 2] {
        let mut convolved = pool.take(self.geometry.output_len());
        self.convolution.forward(x, scratch, &mut convolved);
        let normalised = self.normalise(&convolved, pool, relu);
        [convolved, normalised]
    }

    fn normalise(&self, convolved: &[f32], pool: &ScratchPool, relu: bool) -> Vec<f32> {
        let mut normalised = pool.take(convolved.len());
        forward(&self.norm(relu), convolved, &mut normalised);
        normalised
    }

    /// Adds the parameter gradients to `sums`, replaces the gradient of the unit's output by that of its convolution, and
    /// writes the gradient of `x` to `x_gradient` if that is given.
    fn backward(
        &self,
        (x, convolved): (&[f32], &[f32]),
        gradient: &mut [f32],
        (scratch, sums): (&mut Scratch, &mut ParameterSums),
        relu: bool,
        x_gradient: Option<&mut [f32]>,
    ) {
        let norm_sums = (sums.scale.as_mut_slice(), sums.shift.as_mut_slice());
        backward(&self.norm(relu), convolved, gradient, norm_sums);
        self.convolution
            .backward(x, gradient, scratch, &mut sums.weight, x_gradient);
    }
}

impl<'a> Body<'a> {
    /// Packs the weights for images of shape `[n, 1, h, w]`.
    fn new(network: &'a ResidualNetwork, images: &[usize]) -> Result<Self, Error> {
        let mut units = vec![PackedUnit::new(&network.stem, images, false)?];
        let mut blocks = Vec::new();
        let mut x = units[0].geometry.output_shape();
        for Block {
            first,
            second,
            shortcut,
            ..
        } in &network.blocks
        {
            let index = units.len();
            units.push(PackedUnit::new(first, &x, true)?);
            let hidden = units[index].geometry.output_shape();
            units.push(PackedUnit::new(second, &hidden, true)?);
            if let Some(shortcut) = shortcut {
                units.push(PackedUnit::new(shortcut, &x, true)?);
            }
            blocks.push(BlockUnits {
                first: index,
                second: index + 1,
                shortcut: shortcut.as_ref().map(|_| index + 2),
            });
            x = units[index + 1].geometry.output_shape();
        }
        Ok(Self {
            pool: &network.scratch,
            units,
            blocks,
        })
    }

    /// Feature maps of the last block.
    fn channels(&self) -> usize {
        self.units.last().map_or(0, |unit| unit.geometry.outputs)
    }

    /// Allocates scratch buffers for every unit.
    fn scratch(&self) -> Vec<Scratch> {
        let units = self.units.iter();
        units.map(|unit| unit.convolution.scratch()).collect()
    }

    /// Runs a batch `x` `[n, 1, h, w]` forward, in parallel over images.
    fn forward_batch(&self, x: &[f32]) -> Vec<Saved> {
        let image_len = self.units[0].geometry.input_len();
        let tasks = x.par_chunks(IMAGES_PER_TASK * image_len).map(|images| {
            let images = images.chunks_exact(image_len);
            let run = |scratch: &mut [Scratch]| -> Vec<_> {
                images.map(|x| self.forward(x, scratch)).collect()
            };
            self.pool.with_scratch(|| self.scratch(), run)
        });
        tasks.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Runs one image forward.
    fn forward(&self, x: &[f32], scratch: &mut [Scratch]) -> Saved {
        let [stem, mut x] = self.units[0].forward(x, (&mut scratch[0], self.pool), true);
        let (mut convolved, mut outputs) = (vec![stem], Vec::new());
        for block in &self.blocks {
            let mut run_unit = |i: usize, x: &[f32], relu| {
                let [output, normalised] =
                    self.units[i].forward(x, (&mut scratch[i], self.pool), relu);
                convolved.push(output);
                normalised
            };
            let hidden = run_unit(block.first, &x, true);
            let mut y = run_unit(block.second, &hidden, false);
            let shortcut = block.shortcut.map(|i| run_unit(i, &x, false));
            let addend = shortcut.as_deref().unwrap_or(&x);
            y.iter_mut()
                .zip(addend)
                .for_each(|(y, a)| *y = (*y + a).max(0.0));
            self.pool.put([hidden].into_iter().chain(shortcut));
            outputs.push(std::mem::replace(&mut x, y));
        }
        let pixels = x.len() / self.channels();
        let means = x
            .chunks_exact(pixels)
            .map(|map| map.iter().sum::<f32>() / pixels as f32)
            .collect();
        outputs.push(x);
        Saved {
            convolved,
            outputs,
            means,
        }
    }

    /// Returns the parameter gradients of every unit, given the gradient of the means `[n, channels]`.
    fn backward_batch(
        &self,
        x: &[f32],
        saved: &mut [Saved],
        means_gradient: &[f32],
    ) -> Vec<ParameterSums> {
        let image_len = self.units[0].geometry.input_len();
        let tasks = x
            .par_chunks(IMAGES_PER_TASK * image_len)
            .zip(saved.par_chunks_mut(IMAGES_PER_TASK))
            .zip(means_gradient.par_chunks(IMAGES_PER_TASK * self.channels()));
        let tasks = tasks.map(|((images, saved), means_gradient)| {
            let images = images
                .chunks_exact(image_len)
                .zip(saved)
                .zip(means_gradient.chunks_exact(self.channels()));
            let run = |scratch: &mut [Scratch]| {
                let mut sums = self.zero_sums();
                for ((x, saved), means_gradient) in images {
                    self.backward(x, saved, means_gradient, scratch, &mut sums);
                    let buffers = saved.convolved.drain(..).chain(saved.outputs.drain(..));
                    self.pool.put(buffers);
                }
                sums
            };
            self.pool.with_scratch(|| self.scratch(), run)
        });
        let tasks: Vec<Vec<ParameterSums>> = tasks.collect();
        let mut total = self.zero_sums();
        for sums in tasks {
            for (total, sums) in total.iter_mut().zip(sums) {
                accumulate(&mut total.weight, &sums.weight);
                accumulate(&mut total.scale, &sums.scale);
                accumulate(&mut total.shift, &sums.shift);
            }
        }
        total
    }

    fn zero_sums(&self) -> Vec<ParameterSums> {
        self.units.iter().map(PackedUnit::zero_sums).collect()
    }

    /// Adds the parameter gradients of one image to `sums`.
    fn backward(
        &self,
        image: &[f32],
        saved: &Saved,
        means_gradient: &[f32],
        scratch: &mut [Scratch],
        sums: &mut [ParameterSums],
    ) {
        let pixels = saved.outputs.last().map_or(0, Vec::len) / self.channels();
        let mut gradient = self.pool.take(pixels * self.channels());
        for (map, mean_gradient) in gradient.chunks_exact_mut(pixels).zip(means_gradient) {
            map.fill(mean_gradient / pixels as f32);
        }
        for (i, block) in self.blocks.iter().enumerate().rev() {
            let (x, y) = (&saved.outputs[i], &saved.outputs[i + 1]);
            for (gradient, y) in gradient.iter_mut().zip(y) {
                *gradient = if *y > 0.0 { *gradient } else { 0.0 };
            }
            let mut run_unit = |i: usize, x: &[f32], gradient: &mut [f32], relu| {
                let mut x_gradient = self.pool.take(x.len());
                let inputs = (x, saved.convolved[i].as_slice());
                let buffers = (&mut scratch[i], &mut sums[i]);
                self.units[i].backward(inputs, gradient, buffers, relu, Some(&mut x_gradient));
                x_gradient
            };
            let mut second_gradient = self.pool.take(gradient.len());
            second_gradient.copy_from_slice(&gradient);
            let first = &self.units[block.first];
            let hidden = first.normalise(&saved.convolved[block.first], self.pool, true);
            let mut hidden_gradient = run_unit(block.second, &hidden, &mut second_gradient, false);
            let mut x_gradient = run_unit(block.first, x, &mut hidden_gradient, true);
            let shortcut_gradient = block.shortcut.map(|i| run_unit(i, x, &mut gradient, false));
            accumulate(
                &mut x_gradient,
                shortcut_gradient.as_deref().unwrap_or(&gradient),
            );
            let unused = [
                second_gradient,
                hidden,
                hidden_gradient,
                std::mem::replace(&mut gradient, x_gradient),
            ];
            self.pool.put(unused.into_iter().chain(shortcut_gradient));
        }
        let inputs = (image, saved.convolved[0].as_slice());
        let buffers = (&mut scratch[0], &mut sums[0]);
        self.units[0].backward(inputs, &mut gradient, buffers, true, None);
        self.pool.put([gradient]);
    }
}
