//! The fused layer over a batch: plain slices, parallel over images.

use rayon::prelude::*;

use super::backward::{self, Backward, Gathered, Image};
use super::forward::{self, forward, pack};
use super::geometry::Geometry;
use crate::slices::{TASK, add};

/// What a forward pass leaves for the backward one.
pub(crate) struct Pooled {
    /// `[n, o, pooled height, pooled width]`.
    pub(crate) values: Vec<f32>,
    /// Which corner of its window each of them came from.
    pub(crate) winners: Vec<u32>,
}

/// Gradients of one layer.
pub(crate) struct LayerGradients {
    /// `[n, c, h, w]`, where it was asked for.
    pub(crate) input: Option<Vec<f32>>,
    /// `[o, c, k, k]`.
    pub(crate) weight: Vec<f32>,
    /// `[o]`.
    pub(crate) bias: Vec<f32>,
}

/// The layer's output for `x` `[n, c, h, w]`.
pub(crate) fn forward_images(
    geometry: &Geometry,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> Pooled {
    let packed = pack(geometry, weight, bias);
    let mut values = vec![0.0; geometry.images * geometry.output()];
    let mut winners = vec![0; values.len()];
    let tasks = x.par_chunks(TASK * geometry.input());
    let outputs = values.par_chunks_mut(TASK * geometry.output());
    let places = winners.par_chunks_mut(TASK * geometry.output());
    tasks
        .zip(outputs)
        .zip(places)
        .for_each(|((images, pooled), winners)| {
            let mut scratch = forward::scratch(geometry);
            let images = images.chunks_exact(geometry.input());
            let outputs = pooled.chunks_exact_mut(geometry.output());
            let places = winners.chunks_exact_mut(geometry.output());
            for ((image, pooled), winners) in images.zip(outputs).zip(places) {
                forward(geometry, &packed, image, &mut scratch, pooled, winners);
            }
        });
    Pooled { values, winners }
}

/// The layer's gradients, given the gradient of its output. `values` and `winners` are those of
/// [`Pooled`].
pub(crate) fn backward_images(
    geometry: &Geometry,
    (x, weight): (&[f32], &[f32]),
    (values, winners): (&[f32], &[u32]),
    gradient: &[f32],
    of_input: bool,
) -> LayerGradients {
    let backward = Backward::new(geometry, weight, of_input);
    let (size, output) = (geometry.input(), geometry.output());
    let mut input = vec![0.0; if of_input { geometry.images * size } else { 0 }];
    // One part of the input's gradient, or of nothing, for each task.
    let mut parts: Vec<&mut [f32]> = input.chunks_mut(TASK * size).collect();
    parts.resize_with(geometry.images.div_ceil(TASK), Default::default);
    let task = |(task, part): (usize, &mut [f32])| {
        let mut scratch = backward::scratch(geometry, of_input);
        let mut sums = backward.gathered();
        let mut part = part.chunks_exact_mut(size);
        for i in task * TASK..geometry.images.min((task + 1) * TASK) {
            let span = i * output..(i + 1) * output;
            let image = Image {
                input: &x[i * size..(i + 1) * size],
                pooled: &values[span.clone()],
                winners: &winners[span.clone()],
                gradient: &gradient[span],
            };
            let gradient = part.next().unwrap_or_default();
            backward.image(&image, &mut scratch, &mut sums, gradient);
        }
        sums
    };
    let sums: Vec<_> = parts.into_par_iter().enumerate().map(task).collect();
    LayerGradients {
        input: of_input.then_some(input),
        ..total(&backward, &sums)
    }
}

/// Adds up the tasks' sums in their order.
pub(super) fn total<'a>(
    backward: &Backward,
    parts: impl IntoIterator<Item = &'a Gathered>,
) -> LayerGradients {
    let mut total = backward.gathered();
    for part in parts {
        add(&mut total.weight, &part.weight);
        add(&mut total.bias, &part.bias);
    }
    LayerGradients {
        input: None,
        weight: backward.unpack(total.weight),
        bias: total.bias,
    }
}
