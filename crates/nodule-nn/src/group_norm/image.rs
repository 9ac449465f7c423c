//! Group normalisation of one image: plain slices.
//!
//! Sums run in sixteen strands, which is as many as the widest vector has lanes: the compiler makes
//! vectors of them, and the bits are the same for every width.

use super::EPSILON;
use crate::arch::arch;

/// One normalisation with its parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Norm<'a> {
    /// By channel.
    pub(crate) weight: &'a [f32],
    /// By channel.
    pub(crate) bias: &'a [f32],
    pub(crate) groups: usize,
    /// Whether a ReLU follows.
    pub(crate) relu: bool,
}

/// Of `x` `[c][pixels]`, as much of it as `y`.
pub(crate) fn forward(norm: &Norm, x: &[f32], y: &mut [f32]) {
    arch().dispatch(|| forward_groups(norm, x, y));
}

/// The gradient of `x` in place of that of the output, `gradient`; those of weight and bias are added to
/// `sums`, `[c]` each.
pub(crate) fn backward(
    norm: &Norm,
    x: &[f32],
    gradient: &mut [f32],
    sums: (&mut [f32], &mut [f32]),
) {
    arch().dispatch(|| backward_groups(norm, x, gradient, sums));
}

#[inline(always)]
fn forward_groups(norm: &Norm, x: &[f32], y: &mut [f32]) {
    let channels = norm.weight.len() / norm.groups;
    let of_group = x.len() / norm.groups;
    let groups = x.chunks_exact(of_group).zip(y.chunks_exact_mut(of_group));
    for (group, (x, y)) in groups.enumerate() {
        let (mean, scale) = moments(x);
        let planes = x.chunks_exact(of_group / channels);
        let planes = planes.zip(y.chunks_exact_mut(of_group / channels));
        for (i, (x, y)) in planes.enumerate() {
            let line = Line::of(norm, group * channels + i, mean, scale);
            if norm.relu {
                y.iter_mut()
                    .zip(x)
                    .for_each(|(y, x)| *y = line.at(*x).max(0.0));
            } else {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = line.at(*x));
            }
        }
    }
}

#[inline(always)]
fn backward_groups(
    norm: &Norm,
    x: &[f32],
    gradient: &mut [f32],
    (of_weight, of_bias): (&mut [f32], &mut [f32]),
) {
    let channels = norm.weight.len() / norm.groups;
    let of_group = x.len() / norm.groups;
    let pixels = of_group / channels;
    let groups = x
        .chunks_exact(of_group)
        .zip(gradient.chunks_exact_mut(of_group));
    for (group, (x, gradient)) in groups.enumerate() {
        let (mean, scale) = moments(x);
        // What all values of the group owe to its mean and to its deviation.
        let (mut to_mean, mut to_deviation) = (0.0, 0.0);
        let planes = x
            .chunks_exact(pixels)
            .zip(gradient.chunks_exact_mut(pixels));
        for (i, (x, gradient)) in planes.enumerate() {
            let channel = group * channels + i;
            if norm.relu {
                let line = Line::of(norm, channel, mean, scale);
                for (gradient, x) in gradient.iter_mut().zip(x) {
                    *gradient = if line.at(*x) > 0.0 { *gradient } else { 0.0 };
                }
            }
            let sum = total([&*gradient], |[g]| g);
            let product = total([x, &*gradient], |[x, g]| (x - mean) * scale * g);
            of_bias[channel] += sum;
            of_weight[channel] += product;
            to_mean += norm.weight[channel] * sum;
            to_deviation += norm.weight[channel] * product;
        }
        let count = of_group as f32;
        let slope = -scale * scale * to_deviation / count;
        let rest = -scale * to_mean / count - slope * mean;
        let planes = x
            .chunks_exact(pixels)
            .zip(gradient.chunks_exact_mut(pixels));
        for (i, (x, gradient)) in planes.enumerate() {
            let own = norm.weight[group * channels + i] * scale;
            for (gradient, x) in gradient.iter_mut().zip(x) {
                *gradient = own * *gradient + (slope * x + rest);
            }
        }
    }
}

/// What one channel's values go through.
struct Line {
    slope: f32,
    rest: f32,
}

impl Line {
    #[inline(always)]
    fn of(norm: &Norm, channel: usize, mean: f32, scale: f32) -> Self {
        let slope = norm.weight[channel] * scale;
        Self {
            slope,
            rest: norm.bias[channel] - mean * slope,
        }
    }

    #[inline(always)]
    fn at(&self, x: f32) -> f32 {
        self.slope * x + self.rest
    }
}

/// Mean, and one over the deviation.
#[inline(always)]
fn moments(x: &[f32]) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = total([x], |[x]| x) / count;
    let variance = total([x], |[x]| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// The sum of `term` over values side by side.
#[inline(always)]
fn total<const N: usize>(values: [&[f32]; N], term: impl Fn([f32; N]) -> f32) -> f32 {
    let blocks = values.map(|v| v.as_chunks::<16>());
    let mut strands = [0.0f32; 16];
    for block in 0..blocks[0].0.len() {
        for (i, strand) in strands.iter_mut().enumerate() {
            *strand += term(blocks.map(|(blocks, _)| blocks[block][i]));
        }
    }
    let rest = (0..blocks[0].1.len()).map(|i| term(blocks.map(|(_, rest)| rest[i])));
    strands.iter().sum::<f32>() + rest.sum::<f32>()
}
