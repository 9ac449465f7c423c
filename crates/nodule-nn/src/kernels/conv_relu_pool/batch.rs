//! One fused layer over a batch, in parallel over images.

use rayon::prelude::*;

use super::backward::{self, Backward, Image, ParameterSums};
use super::forward::{self, forward, pack};
use super::geometry::Geometry;
use crate::kernels::{IMAGES_PER_TASK, accumulate};

/// Outputs of a batch.
pub(crate) struct Pooled {
    /// `[n, o, pooled height, pooled width]`.
    pub(crate) values: Vec<f32>,
    /// Corner of the maximum in each pooling window, for backward.
    pub(crate) argmax: Vec<u32>,
}

/// Gradients of one layer.
pub(crate) struct LayerGradients {
    /// `[n, c, h, w]`, if it was requested.
    pub(crate) input: Option<Vec<f32>>,
    /// `[o, c, 5, 5]`.
    pub(crate) weight: Vec<f32>,
    /// `[o]`.
    pub(crate) bias: Vec<f32>,
}

/// Returns the layer's outputs for `x` `[n, c, h, w]`, `weight` `[o, c, 5, 5]` and `bias` `[o]`.
pub(crate) fn forward_batch(
    geometry: &Geometry,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> Pooled {
    let packed = pack(geometry, weight, bias);
    let mut values = vec![0.0; geometry.images * geometry.output_len()];
    let mut argmax = vec![0; values.len()];
    let tasks = x
        .par_chunks(IMAGES_PER_TASK * geometry.input_len())
        .zip(values.par_chunks_mut(IMAGES_PER_TASK * geometry.output_len()))
        .zip(argmax.par_chunks_mut(IMAGES_PER_TASK * geometry.output_len()));
    tasks.for_each(|((images, pooled), argmax)| {
        let mut scratch = forward::scratch(geometry);
        let images = images
            .chunks_exact(geometry.input_len())
            .zip(pooled.chunks_exact_mut(geometry.output_len()))
            .zip(argmax.chunks_exact_mut(geometry.output_len()));
        for ((image, pooled), argmax) in images {
            forward(geometry, &packed, image, &mut scratch, pooled, argmax);
        }
    });
    Pooled { values, argmax }
}

/// Returns the layer's gradients, given the gradient of its outputs. `values` and `argmax` are those of [`Pooled`]; the
/// input gradient is computed if `needs_input` is set.
pub(crate) fn backward_batch(
    geometry: &Geometry,
    (x, weight): (&[f32], &[f32]),
    (values, argmax): (&[f32], &[u32]),
    gradient: &[f32],
    needs_input: bool,
) -> LayerGradients {
    let backward = Backward::new(geometry, weight, needs_input);
    let (input_len, output_len) = (geometry.input_len(), geometry.output_len());
    let mut input = vec![
        0.0;
        if needs_input {
            geometry.images * input_len
        } else {
            0
        }
    ];
    // One slice of the input gradient for each task; empty slices if it is not needed.
    let mut parts: Vec<&mut [f32]> = input.chunks_mut(IMAGES_PER_TASK * input_len).collect();
    parts.resize_with(geometry.images.div_ceil(IMAGES_PER_TASK), Default::default);
    let run_task = |(task, part): (usize, &mut [f32])| {
        let mut scratch = backward::scratch(geometry, needs_input);
        let mut sums = backward.zero_sums();
        let mut part = part.chunks_exact_mut(input_len);
        for i in task * IMAGES_PER_TASK..geometry.images.min((task + 1) * IMAGES_PER_TASK) {
            let span = i * output_len..(i + 1) * output_len;
            let image = Image {
                input: &x[i * input_len..(i + 1) * input_len],
                pooled: &values[span.clone()],
                argmax: &argmax[span.clone()],
                gradient: &gradient[span],
            };
            let gradient = part.next().unwrap_or_default();
            backward.image(&image, &mut scratch, &mut sums, gradient);
        }
        sums
    };
    let sums: Vec<_> = parts.into_par_iter().enumerate().map(run_task).collect();
    LayerGradients {
        input: needs_input.then_some(input),
        ..total(&backward, &sums)
    }
}

/// Adds up the tasks' sums in the order of tasks.
pub(super) fn total<'a>(
    backward: &Backward,
    parts: impl IntoIterator<Item = &'a ParameterSums>,
) -> LayerGradients {
    let mut total = backward.zero_sums();
    for part in parts {
        accumulate(&mut total.weight, &part.weight);
        accumulate(&mut total.bias, &part.bias);
    }
    LayerGradients {
        input: None,
        weight: backward.unpack(total.weight),
        bias: total.bias,
    }
}
