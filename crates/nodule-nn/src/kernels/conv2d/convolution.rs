//! A convolution with packed weights, forward and backward, image by image; and over batches, in parallel.

use rayon::prelude::*;

use super::correlate::{Correlate, OUTPUTS, correlate, pack};
use super::geometry::Geometry;
use super::padded::PaddedPlanes;
use super::weight_gradient::{WeightGradient, weight_gradient};
use crate::kernels::{IMAGES_PER_TASK, accumulate};

/// A convolution with its weights packed for the kernels.
pub(crate) struct Convolution {
    geometry: Geometry,
    input: PaddedPlanes,
    gradient: PaddedPlanes,
    forward: Filters,
    /// Filters of the input gradient, one for each row and column phase of the stride. Empty if the input needs none.
    backward: Vec<Phase>,
}

/// Filters of one cross-correlation.
struct Filters {
    /// Offset of each tap in padded planes.
    taps: Vec<usize>,
    weights: Vec<[f32; OUTPUTS]>,
}

/// Filters for the gradient of input rows `y`, `y + stride`, ... and columns `x`, `x + stride`, ...
struct Phase {
    y: usize,
    x: usize,
    filters: Filters,
}

/// Scratch buffers of one thread for one convolution.
pub(crate) struct Scratch {
    input: Vec<f32>,
    gradient: Vec<f32>,
    phase: Vec<f32>,
}

impl Convolution {
    /// Packs `weight` `[o, c, k, k]`; for the input gradient as well if `needs_input` is set.
    pub(crate) fn new(geometry: Geometry, weight: &[f32], needs_input: bool) -> Self {
        let g = &geometry;
        let input = PaddedPlanes::new([g.channels, g.height, g.width], g.padding, g.stride);
        let border = g.kernel + g.stride;
        let gradient = PaddedPlanes::new([g.outputs, g.out_height, g.out_width], border, 1);
        let backward = (0..g.stride)
            .flat_map(|y| (0..g.stride).map(move |x| (y, x)))
            .filter(|(y, x)| needs_input && *y < g.height && *x < g.width)
            .map(|(y, x)| backward_filters(g, &gradient, border, (y, x), weight))
            .collect();
        Self {
            forward: forward_filters(g, &input, weight),
            backward,
            geometry,
            input,
            gradient,
        }
    }

    /// Allocates scratch buffers.
    pub(crate) fn scratch(&self) -> Scratch {
        let g = &self.geometry;
        let has_phases = g.stride > 1 && !self.backward.is_empty();
        Scratch {
            input: vec![0.0; self.input.buffer_len()],
            gradient: vec![0.0; self.gradient.buffer_len()],
            phase: vec![0.0; if has_phases { g.input_len() } else { 0 }],
        }
    }

    /// Writes the output of image `x` `[c, h, w]` to `output` `[o, out height, out width]`.
    pub(crate) fn forward(&self, x: &[f32], scratch: &mut Scratch, output: &mut [f32]) {
        self.input.fill(x, &mut scratch.input);
        correlate(Correlate {
            input: &scratch.input,
            row_stride: self.geometry.stride * self.input.row_len(),
            taps: &self.forward.taps,
            weights: &self.forward.weights,
            height: self.geometry.out_height,
            width: self.geometry.out_width,
            output,
        });
    }

    /// Adds the weight gradient of image `x` to `sums` `[o, c, k, k]`, and writes its input gradient to
    /// `input_gradient` `[c, h, w]` if that is given. `gradient` is that of the output.
    pub(crate) fn backward(
        &self,
        x: &[f32],
        gradient: &[f32],
        scratch: &mut Scratch,
        sums: &mut [f32],
        input_gradient: Option<&mut [f32]>,
    ) {
        let g = &self.geometry;
        self.input.fill(x, &mut scratch.input);
        self.gradient.fill(gradient, &mut scratch.gradient);
        let border = g.kernel + g.stride;
        weight_gradient(WeightGradient {
            input: &scratch.input,
            row_stride: g.stride * self.input.row_len(),
            taps: &self.forward.taps,
            gradient: &scratch.gradient[self.gradient.offset(0, border, border)..],
            gradient_plane: self.gradient.plane_len(),
            gradient_row: self.gradient.row_len(),
            height: g.out_height,
            width: g.out_width,
            sums,
        });
        if let Some(input_gradient) = input_gradient {
            self.input_gradient(scratch, input_gradient);
        }
    }

    fn input_gradient(&self, scratch: &mut Scratch, input_gradient: &mut [f32]) {
        let g = &self.geometry;
        let row_stride = self.gradient.row_len();
        let gradient = &scratch.gradient;
        for phase in &self.backward {
            if g.stride == 1 {
                phase.correlate(gradient, row_stride, (g.height, g.width), input_gradient);
                continue;
            }
            let height = (g.height - phase.y).div_ceil(g.stride);
            let width = (g.width - phase.x).div_ceil(g.stride);
            let pixels = &mut scratch.phase[..g.channels * height * width];
            phase.correlate(gradient, row_stride, (height, width), pixels);
            for (i, row) in pixels.chunks_exact(width).enumerate() {
                let y = i % height * g.stride + phase.y;
                let start = (i / height * g.height + y) * g.width + phase.x;
                let to = input_gradient[start..].iter_mut().step_by(g.stride);
                to.zip(row).for_each(|(to, value)| *to = *value);
            }
        }
    }

    /// Returns the outputs of a batch `x` `[n, c, h, w]`, `[n, o, out height, out width]`.
    pub(crate) fn forward_batch(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
        let convolution = Self::new(*geometry, weight, false);
        let mut values = vec![0.0; geometry.images * geometry.output_len()];
        let tasks = x.par_chunks(IMAGES_PER_TASK * geometry.input_len());
        let outputs = values.par_chunks_mut(IMAGES_PER_TASK * geometry.output_len());
        tasks.zip(outputs).for_each(|(images, outputs)| {
            let mut scratch = convolution.scratch();
            let images = images.chunks_exact(geometry.input_len());
            for (x, output) in images.zip(outputs.chunks_exact_mut(geometry.output_len())) {
                convolution.forward(x, &mut scratch, output);
            }
        });
        values
    }

    /// Returns the gradients of a batch `x` `[n, c, h, w]`, if `needs_input` is set, and of the weight `[o, c, k, k]`.
    /// `gradient` is that of the outputs.
    pub(crate) fn backward_batch(
        geometry: &Geometry,
        x: &[f32],
        weight: &[f32],
        gradient: &[f32],
        needs_input: bool,
    ) -> (Option<Vec<f32>>, Vec<f32>) {
        let convolution = Self::new(*geometry, weight, needs_input);
        let mut input_gradient = vec![0.0; if needs_input { x.len() } else { 0 }];
        // One slice of the input gradient for each task; empty slices if it is not needed.
        let mut parts: Vec<&mut [f32]> = input_gradient
            .chunks_mut(IMAGES_PER_TASK * geometry.input_len())
            .collect();
        parts.resize_with(geometry.images.div_ceil(IMAGES_PER_TASK), Default::default);
        let images = x.par_chunks(IMAGES_PER_TASK * geometry.input_len());
        let gradients = gradient.par_chunks(IMAGES_PER_TASK * geometry.output_len());
        let tasks = parts.into_par_iter().zip(images).zip(gradients);
        let sums = tasks.map(|((part, images), gradients)| {
            let mut scratch = convolution.scratch();
            let mut sums = vec![0.0; weight.len()];
            let mut part = part.chunks_exact_mut(geometry.input_len());
            let images = images.chunks_exact(geometry.input_len());
            for (x, gradient) in images.zip(gradients.chunks_exact(geometry.output_len())) {
                convolution.backward(x, gradient, &mut scratch, &mut sums, part.next());
            }
            sums
        });
        let sums: Vec<Vec<f32>> = sums.collect();
        let mut weight_gradient = vec![0.0; weight.len()];
        for sums in &sums {
            accumulate(&mut weight_gradient, sums);
        }
        (needs_input.then_some(input_gradient), weight_gradient)
    }
}

impl Phase {
    /// Writes the gradient of the phase's pixels to `output` `[c][height][width]`.
    fn correlate(
        &self,
        gradient: &[f32],
        row_stride: usize,
        (height, width): (usize, usize),
        output: &mut [f32],
    ) {
        correlate(Correlate {
            input: gradient,
            row_stride,
            taps: &self.filters.taps,
            weights: &self.filters.weights,
            height,
            width,
            output,
        });
    }
}

fn forward_filters(g: &Geometry, input: &PaddedPlanes, weight: &[f32]) -> Filters {
    let taps = (0..g.filter_len()).map(|i| {
        let (channel, y, x) = tap_position(g, i);
        input.offset(channel, y, x)
    });
    Filters {
        taps: taps.collect(),
        weights: pack(g.outputs, g.filter_len(), |output, i| {
            weight[output * g.filter_len() + i]
        }),
    }
}

/// Returns the filters of the input gradient for the stride phase that begins at row `y` and column `x`.
///
/// Tap `ky` takes input row `y + m stride` to output row `(y + m stride + padding - ky) / stride`, if that has no
/// remainder: output row `m + (y + padding - ky) / stride`.
fn backward_filters(
    g: &Geometry,
    gradient: &PaddedPlanes,
    border: usize,
    (y, x): (usize, usize),
    weight: &[f32],
) -> Phase {
    let output_position = |pixel: usize, tap: usize| {
        let shifted = pixel + g.padding + g.stride * border - tap;
        shifted
            .is_multiple_of(g.stride)
            .then_some(shifted / g.stride)
    };
    let filter_plane = g.kernel * g.kernel;
    let taps: Vec<_> = (0..g.outputs)
        .flat_map(|output| (0..filter_plane).map(move |i| (output, i)))
        .filter_map(|(output, i)| {
            let (_, ky, kx) = tap_position(g, i);
            let offset = gradient.offset(output, output_position(y, ky)?, output_position(x, kx)?);
            Some((offset, output, i))
        })
        .collect();
    let weights = pack(g.channels, taps.len(), |channel, t| {
        let (_, output, i) = taps[t];
        weight[output * g.filter_len() + channel * filter_plane + i]
    });
    Phase {
        y,
        x,
        filters: Filters {
            taps: taps.iter().map(|(offset, ..)| *offset).collect(),
            weights,
        },
    }
}

/// Returns channel, row and column of weight `i` of a filter.
fn tap_position(g: &Geometry, i: usize) -> (usize, usize, usize) {
    let k = g.kernel;
    (i / (k * k), i / k % k, i % k)
}
