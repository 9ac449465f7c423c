//! Two fused layers in sequence over a batch, in parallel over images.
//!
//! A task runs one image through both layers, forward or backward, while the feature maps between them are in the cache.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::backward::{self, Backward, Image, ParameterSums};
use super::batch::{LayerGradients, total};
use super::forward::{self, forward, pack};
use super::geometry::Geometry;
use crate::kernels::IMAGES_PER_TASK;

/// Two layers; the second takes the output of the first.
pub(crate) struct TwoLayers<'a> {
    pub(crate) first: Geometry,
    pub(crate) second: Geometry,
    pub(crate) pool: &'a ScratchPool,
}

/// Buffers that are reused from step to step: new ones would have to be filled with zeros first.
#[derive(Default)]
pub(crate) struct ScratchPool(Mutex<Vec<TaskBuffers>>);

/// Results of one task's forward pass that backward needs, and scratch buffers for both directions.
pub(crate) struct TaskBuffers {
    /// Outputs of the first layer.
    values: Vec<f32>,
    /// Arg-max of each pooling window of the first and of the second layer.
    argmax: [Vec<u32>; 2],
    /// Gradient of the first layer's output, for one image.
    gradient: Vec<f32>,
    forward: [forward::Scratch; 2],
    backward: [backward::Scratch; 2],
}

impl TwoLayers<'_> {
    /// Returns the second layer's outputs for `x` `[n, c, h, w]`, and the buffers that backward needs, by task.
    ///
    /// `first_parameters` and `second_parameters` are weight and bias of a layer.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        [first_parameters, second_parameters]: [[&[f32]; 2]; 2],
    ) -> (Vec<f32>, Vec<TaskBuffers>) {
        let (first, second) = (&self.first, &self.second);
        let first_packed = pack(first, first_parameters[0], first_parameters[1]);
        let second_packed = pack(second, second_parameters[0], second_parameters[1]);
        let mut output = vec![0.0; second.images * second.output_len()];
        let run_task = |(images, output): (&[f32], &mut [f32])| {
            let mut buffers = self.pool.take(first, second);
            let TaskBuffers {
                values,
                argmax: [first_argmax, second_argmax],
                forward: [first_scratch, second_scratch],
                ..
            } = &mut buffers;
            let first_layer = images
                .chunks_exact(first.input_len())
                .zip(values.chunks_exact_mut(first.output_len()))
                .zip(first_argmax.chunks_exact_mut(first.output_len()));
            let second_layer = output
                .chunks_exact_mut(second.output_len())
                .zip(second_argmax.chunks_exact_mut(second.output_len()));
            for (((image, values), first_argmax), (output, second_argmax)) in
                first_layer.zip(second_layer)
            {
                forward(
                    first,
                    &first_packed,
                    image,
                    first_scratch,
                    values,
                    first_argmax,
                );
                forward(
                    second,
                    &second_packed,
                    values,
                    second_scratch,
                    output,
                    second_argmax,
                );
            }
            buffers
        };
        let tasks = x.par_chunks(IMAGES_PER_TASK * first.input_len());
        let outputs = output.par_chunks_mut(IMAGES_PER_TASK * second.output_len());
        let buffers = tasks.zip(outputs).map(run_task).collect();
        (output, buffers)
    }

    /// Returns both layers' parameter gradients, given the input, the weights, the buffers of [`Self::forward`], and the
    /// second layer's output with its gradient.
    pub(crate) fn backward(
        &self,
        x: &[f32],
        weights: [&[f32]; 2],
        buffers: Vec<TaskBuffers>,
        [output, gradient]: [&[f32]; 2],
    ) -> [LayerGradients; 2] {
        let (first, second) = (&self.first, &self.second);
        let first_backward = Backward::new(first, weights[0], false);
        let second_backward = Backward::new(second, weights[1], true);
        let run_task = |(task, mut buffers): (usize, TaskBuffers)| {
            let mut sums = [&first_backward, &second_backward].map(Backward::zero_sums);
            for i in 0..IMAGES_PER_TASK.min(first.images - task * IMAGES_PER_TASK) {
                let index = task * IMAGES_PER_TASK + i;
                let in_task = |geometry: &Geometry| {
                    i * geometry.output_len()..(i + 1) * geometry.output_len()
                };
                let in_batch = index * second.output_len()..(index + 1) * second.output_len();
                let image = Image {
                    input: &buffers.values[in_task(first)],
                    pooled: &output[in_batch.clone()],
                    argmax: &buffers.argmax[1][in_task(second)],
                    gradient: &gradient[in_batch],
                };
                let [first_scratch, second_scratch] = &mut buffers.backward;
                second_backward.image(&image, second_scratch, &mut sums[1], &mut buffers.gradient);
                let image = Image {
                    input: &x[index * first.input_len()..(index + 1) * first.input_len()],
                    pooled: &buffers.values[in_task(first)],
                    argmax: &buffers.argmax[0][in_task(first)],
                    gradient: &buffers.gradient,
                };
                first_backward.image(&image, first_scratch, &mut sums[0], &mut []);
            }
            self.pool.put(buffers);
            sums
        };
        let sums: Vec<[ParameterSums; 2]> =
            buffers.into_par_iter().enumerate().map(run_task).collect();
        [(&first_backward, 0), (&second_backward, 1)]
            .map(|(backward, layer)| total(backward, sums.iter().map(|sums| &sums[layer])))
    }
}

impl ScratchPool {
    /// Returns the buffers of one task, with arbitrary contents. All users of one pool have the same sizes.
    fn take(&self, first: &Geometry, second: &Geometry) -> TaskBuffers {
        let pooled = self.lock().pop();
        pooled.unwrap_or_else(|| TaskBuffers {
            values: vec![0.0; IMAGES_PER_TASK * first.output_len()],
            argmax: [first, second]
                .map(|geometry| vec![0; IMAGES_PER_TASK * geometry.output_len()]),
            gradient: vec![0.0; first.output_len()],
            forward: [first, second].map(forward::scratch),
            backward: [
                backward::scratch(first, false),
                backward::scratch(second, true),
            ],
        })
    }

    fn put(&self, buffers: TaskBuffers) {
        self.lock().push(buffers);
    }

    /// A thread that panicked cannot have spoiled the buffers: their contents do not matter.
    fn lock(&self) -> MutexGuard<'_, Vec<TaskBuffers>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ScratchPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScratchPool").finish_non_exhaustive()
    }
}
