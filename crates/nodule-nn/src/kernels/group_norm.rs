//! Group normalisation of one image (Wu & He 2018, equations 1, 2 and 7), forward and backward.
//!
//! Images are `[c][pixels]`. Sums accumulate in sixteen strands, the lanes of the widest vector: the compiler vectorises
//! them, and the bits are the same for every vector width.

use super::arch::arch;

/// Added to a variance before its square root: PyTorch's default.
pub(crate) const EPSILON: f32 = 1e-5;

/// Parameters of one normalisation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Norm<'a> {
    /// Scale of each channel, `[c]`.
    pub(crate) weight: &'a [f32],
    /// Shift of each channel, `[c]`.
    pub(crate) bias: &'a [f32],
    pub(crate) groups: usize,
    /// Whether a ReLU follows.
    pub(crate) relu: bool,
}

/// Writes the normalised image `x` `[c][pixels]` to `y`.
pub(crate) fn forward(norm: &Norm, x: &[f32], y: &mut [f32]) {
    arch().dispatch(|| forward_groups(norm, x, y));
}

/// Replaces the gradient of the output, `gradient` `[c][pixels]`, by that of `x`, and adds the gradients of weight and
/// bias to `sums`, `[c]` each.
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
    let group_len = x.len() / norm.groups;
    let groups = x.chunks_exact(group_len).zip(y.chunks_exact_mut(group_len));
    for (group, (x, y)) in groups.enumerate() {
        let (mean, inverse_sd) = moments(x);
        let planes = x
            .chunks_exact(group_len / channels)
            .zip(y.chunks_exact_mut(group_len / channels));
        for (i, (x, y)) in planes.enumerate() {
            let line = Affine::new(norm, group * channels + i, mean, inverse_sd);
            if norm.relu {
                y.iter_mut()
                    .zip(x)
                    .for_each(|(y, x)| *y = line.apply(*x).max(0.0));
            } else {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = line.apply(*x));
            }
        }
    }
}

#[inline(always)]
fn backward_groups(
    norm: &Norm,
    x: &[f32],
    gradient: &mut [f32],
    (weight_gradient, bias_gradient): (&mut [f32], &mut [f32]),
) {
    let channels = norm.weight.len() / norm.groups;
    let group_len = x.len() / norm.groups;
    let pixels = group_len / channels;
    let groups = x
        .chunks_exact(group_len)
        .zip(gradient.chunks_exact_mut(group_len));
    for (group, (x, gradient)) in groups.enumerate() {
        let (mean, inverse_sd) = moments(x);
        // Sums over the group of the gradient with respect to the normalised values, plain and times those values.
        let (mut plain, mut weighted) = (0.0, 0.0);
        let planes = x
            .chunks_exact(pixels)
            .zip(gradient.chunks_exact_mut(pixels));
        for (i, (x, gradient)) in planes.enumerate() {
            let channel = group * channels + i;
            if norm.relu {
                let line = Affine::new(norm, channel, mean, inverse_sd);
                for (gradient, x) in gradient.iter_mut().zip(x) {
                    *gradient = if line.apply(*x) > 0.0 { *gradient } else { 0.0 };
                }
            }
            let sum = sum_of([&*gradient], |[g]| g);
            let product = sum_of([x, &*gradient], |[x, g]| (x - mean) * inverse_sd * g);
            bias_gradient[channel] += sum;
            weight_gradient[channel] += product;
            plain += norm.weight[channel] * sum;
            weighted += norm.weight[channel] * product;
        }
        // Every value changes the mean and the variance of its group: an affine function of x.
        let count = group_len as f32;
        let slope = -inverse_sd * inverse_sd * weighted / count;
        let intercept = -inverse_sd * plain / count - slope * mean;
        let planes = x
            .chunks_exact(pixels)
            .zip(gradient.chunks_exact_mut(pixels));
        for (i, (x, gradient)) in planes.enumerate() {
            let scale = norm.weight[group * channels + i] * inverse_sd;
            for (gradient, x) in gradient.iter_mut().zip(x) {
                *gradient = scale * *gradient + (slope * x + intercept);
            }
        }
    }
}

/// Normalisation, scale and shift of one channel as one affine function.
struct Affine {
    slope: f32,
    intercept: f32,
}

impl Affine {
    #[inline(always)]
    fn new(norm: &Norm, channel: usize, mean: f32, inverse_sd: f32) -> Self {
        let slope = norm.weight[channel] * inverse_sd;
        Self {
            slope,
            intercept: norm.bias[channel] - mean * slope,
        }
    }

    #[inline(always)]
    fn apply(&self, x: f32) -> f32 {
        self.slope * x + self.intercept
    }
}

/// Returns the mean, and one over the standard deviation.
#[inline(always)]
fn moments(x: &[f32]) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum_of([x], |[x]| x) / count;
    let variance = sum_of([x], |[x]| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// Returns the sum of `term` over the elements of slices of equal length.
#[inline(always)]
fn sum_of<const N: usize>(values: [&[f32]; N], term: impl Fn([f32; N]) -> f32) -> f32 {
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
