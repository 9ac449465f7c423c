//! Loss and gradients of one batch of the residual network, for training.
//!
//! Group normalisation keeps images apart, so a thread carries one image through all convolutions and
//! back while its maps are in the cache; Candle's graph would pass over the whole batch for every
//! operation, and add each gradient to zeros first. The graph has what comes after the maps' means.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::spare::Spare;
use super::unit::Unit;
use super::{Block, Residual};
use crate::conv2d::{Layer, Scratch, Sizes};
use crate::group_norm::{Norm, backward, forward};
use crate::slices::{TASK, add, with_floats};
use crate::{Error, Loss};

/// As [`crate::Network::gradients`]: f32, on a CPU.
pub(super) fn gradients(
    network: &Residual,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let images = images.contiguous()?;
    let plan = Plan::new(network, images.dims())?;
    let count = images.dims()[0];
    let mut kept: Vec<Kept> = with_floats([&images], |[x]| plan.forward_images(x))?;
    let means: Vec<f32> = kept
        .iter_mut()
        .flat_map(|k| std::mem::take(&mut k.means))
        .collect();
    let means = Tensor::from_vec(means, (count, plan.channels()), images.device())?;
    let means = Var::from_tensor(&means)?;
    let value = loss.compute(&network.tail(&means)?, labels)?;
    let mut gradients = value.backward()?;
    let Some(of_means) = gradients.remove(&means) else {
        return Ok((value, gradients));
    };
    let of_means = of_means.flatten_all()?.to_vec1::<f32>()?;
    let sums = with_floats([&images], |[x]| {
        plan.backward_images(x, &mut kept, &of_means)
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

/// A unit that is ready to be carried out, in the order of [`Residual::units`].
struct Ready {
    layer: Layer,
    sizes: Sizes,
    weights: usize,
    scale: Vec<f32>,
    shift: Vec<f32>,
    groups: usize,
}

/// Which units a block has.
#[derive(Clone, Copy)]
struct Units {
    first: usize,
    second: usize,
    shortcut: Option<usize>,
}

struct Plan<'a> {
    spare: &'a Spare,
    units: Vec<Ready>,
    blocks: Vec<Units>,
}

/// What forward leaves of one image for backward.
struct Kept {
    /// What each unit's convolution gave, in the order of units.
    convolved: Vec<Vec<f32>>,
    /// The stem's output, then every block's.
    outputs: Vec<Vec<f32>>,
    /// Of the last block's maps.
    means: Vec<f32>,
}

/// Gradients of one unit's parameters.
#[derive(Clone)]
struct Sums {
    weight: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Ready {
    fn new(unit: &Unit, x: &[usize], needs_input: bool) -> Result<Self, Error> {
        let sizes = Sizes::new(x, unit.weight.dims(), unit.shape.how)?;
        let tensors = [&*unit.weight, &*unit.scale, &*unit.shift];
        Ok(with_floats(tensors, |[weight, scale, shift]| Self {
            layer: Layer::new(sizes, weight, needs_input),
            sizes,
            weights: weight.len(),
            scale: scale.to_vec(),
            shift: shift.to_vec(),
            groups: unit.shape.groups,
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

    fn sums(&self) -> Sums {
        Sums {
            weight: vec![0.0; self.weights],
            scale: vec![0.0; self.scale.len()],
            shift: vec![0.0; self.shift.len()],
        }
    }

    /// What the convolution gives, and its normalisation.
    fn forward(
        &self,
        x: &[f32],
        (scratch, spare): (&mut Scratch, &Spare),
        relu: bool,
    ) -> [Vec<f32>; 2] {
        let mut convolved = spare.take(self.sizes.output());
        self.layer.forward(x, scratch, &mut convolved);
        let normal = self.normal(&convolved, spare, relu);
        [convolved, normal]
    }

    fn normal(&self, convolved: &[f32], spare: &Spare, relu: bool) -> Vec<f32> {
        let mut normal = spare.take(convolved.len());
        forward(&self.norm(relu), convolved, &mut normal);
        normal
    }

    /// Adds to `sums`, makes the convolution's own gradient of `gradient`, and writes that of `x`.
    fn backward(
        &self,
        (x, convolved): (&[f32], &[f32]),
        gradient: &mut [f32],
        (scratch, sums): (&mut Scratch, &mut Sums),
        relu: bool,
        of_x: Option<&mut [f32]>,
    ) {
        let of_norm = (sums.scale.as_mut_slice(), sums.shift.as_mut_slice());
        backward(&self.norm(relu), convolved, gradient, of_norm);
        self.layer
            .backward(x, gradient, scratch, &mut sums.weight, of_x);
    }
}

impl<'a> Plan<'a> {
    fn new(network: &'a Residual, images: &[usize]) -> Result<Self, Error> {
        let mut units = vec![Ready::new(&network.stem, images, false)?];
        let mut blocks = Vec::new();
        let after = |unit: &Ready| unit.sizes.output_shape().into_dims();
        let mut x = after(&units[0]);
        for Block {
            first,
            second,
            shortcut,
            ..
        } in &network.blocks
        {
            let at = units.len();
            units.push(Ready::new(first, &x, true)?);
            let between = after(&units[at]);
            units.push(Ready::new(second, &between, true)?);
            if let Some(shortcut) = shortcut {
                units.push(Ready::new(shortcut, &x, true)?);
            }
            blocks.push(Units {
                first: at,
                second: at + 1,
                shortcut: shortcut.as_ref().map(|_| at + 2),
            });
            x = after(&units[at + 1]);
        }
        Ok(Self {
            spare: &network.spare,
            units,
            blocks,
        })
    }

    fn channels(&self) -> usize {
        self.units.last().map_or(0, |unit| unit.sizes.outputs)
    }

    fn scratch(&self) -> Vec<Scratch> {
        self.units.iter().map(|unit| unit.layer.scratch()).collect()
    }

    fn forward_images(&self, x: &[f32]) -> Vec<Kept> {
        let size = self.units[0].sizes.input();
        let tasks = x.par_chunks(TASK * size).map(|images| {
            let images = images.chunks_exact(size);
            let run = |scratch: &mut [Scratch]| -> Vec<_> {
                images.map(|x| self.forward(x, scratch)).collect()
            };
            self.spare.with_scratch(|| self.scratch(), run)
        });
        tasks.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn forward(&self, x: &[f32], scratch: &mut [Scratch]) -> Kept {
        let [convolved, mut x] = self.units[0].forward(x, (&mut scratch[0], self.spare), true);
        let (mut all, mut outputs) = (vec![convolved], Vec::new());
        for block in &self.blocks {
            let mut unit = |i: usize, x: &[f32], relu| {
                let [convolved, normal] =
                    self.units[i].forward(x, (&mut scratch[i], self.spare), relu);
                all.push(convolved);
                normal
            };
            let hidden = unit(block.first, &x, true);
            let mut y = unit(block.second, &hidden, false);
            let shortcut = block.shortcut.map(|i| unit(i, &x, false));
            let added = shortcut.as_deref().unwrap_or(&x);
            y.iter_mut()
                .zip(added)
                .for_each(|(y, a)| *y = (*y + a).max(0.0));
            self.spare.give([hidden].into_iter().chain(shortcut));
            outputs.push(std::mem::replace(&mut x, y));
        }
        let pixels = x.len() / self.channels();
        let means = x
            .chunks_exact(pixels)
            .map(|map| map.iter().sum::<f32>() / pixels as f32);
        let means = means.collect();
        outputs.push(x);
        Kept {
            convolved: all,
            outputs,
            means,
        }
    }

    /// Gradients of every unit's parameters, in the order of units.
    fn backward_images(&self, x: &[f32], kept: &mut [Kept], of_means: &[f32]) -> Vec<Sums> {
        let size = self.units[0].sizes.input();
        let tasks = x.par_chunks(TASK * size).zip(kept.par_chunks_mut(TASK));
        let tasks = tasks.zip(of_means.par_chunks(TASK * self.channels()));
        let tasks = tasks.map(|((images, kept), of_means)| {
            let images = images.chunks_exact(size).zip(kept);
            let images = images.zip(of_means.chunks_exact(self.channels()));
            let run = |scratch: &mut [Scratch]| {
                let mut sums: Vec<Sums> = self.units.iter().map(Ready::sums).collect();
                for ((x, kept), of_means) in images {
                    self.backward(x, kept, of_means, scratch, &mut sums);
                    let kept = kept.convolved.drain(..).chain(kept.outputs.drain(..));
                    self.spare.give(kept);
                }
                sums
            };
            self.spare.with_scratch(|| self.scratch(), run)
        });
        let tasks: Vec<Vec<Sums>> = tasks.collect();
        let mut total: Vec<Sums> = self.units.iter().map(Ready::sums).collect();
        for sums in tasks {
            for (total, sums) in total.iter_mut().zip(sums) {
                add(&mut total.weight, &sums.weight);
                add(&mut total.scale, &sums.scale);
                add(&mut total.shift, &sums.shift);
            }
        }
        total
    }

    fn backward(
        &self,
        image: &[f32],
        kept: &mut Kept,
        of_means: &[f32],
        scratch: &mut [Scratch],
        sums: &mut [Sums],
    ) {
        let pixels = kept.outputs.last().map_or(0, Vec::len) / self.channels();
        let mut gradient = self.spare.take(pixels * self.channels());
        for (map, of_mean) in gradient.chunks_exact_mut(pixels).zip(of_means) {
            map.fill(of_mean / pixels as f32);
        }
        for (i, block) in self.blocks.iter().enumerate().rev() {
            let (x, y) = (&kept.outputs[i], &kept.outputs[i + 1]);
            for (gradient, y) in gradient.iter_mut().zip(y) {
                *gradient = if *y > 0.0 { *gradient } else { 0.0 };
            }
            let mut unit = |i: usize, x: &[f32], gradient: &mut [f32], relu| {
                let mut of_x = self.spare.take(x.len());
                let mine = (&mut scratch[i], &mut sums[i]);
                let known = (x, kept.convolved[i].as_slice());
                self.units[i].backward(known, gradient, mine, relu, Some(&mut of_x));
                of_x
            };
            let mut of_second = self.spare.take(gradient.len());
            of_second.copy_from_slice(&gradient);
            let first = &self.units[block.first];
            let hidden = first.normal(&kept.convolved[block.first], self.spare, true);
            let mut of_hidden = unit(block.second, &hidden, &mut of_second, false);
            let mut of_x = unit(block.first, x, &mut of_hidden, true);
            let of_shortcut = block.shortcut.map(|i| unit(i, x, &mut gradient, false));
            add(&mut of_x, of_shortcut.as_deref().unwrap_or(&gradient));
            let done = [
                of_second,
                hidden,
                of_hidden,
                std::mem::replace(&mut gradient, of_x),
            ];
            self.spare.give(done.into_iter().chain(of_shortcut));
        }
        let known = (image, kept.convolved[0].as_slice());
        let mine = (&mut scratch[0], &mut sums[0]);
        self.units[0].backward(known, &mut gradient, mine, true, None);
        self.spare.give([gradient]);
    }
}
