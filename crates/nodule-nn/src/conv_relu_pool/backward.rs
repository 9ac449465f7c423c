//! The backward kernel.
//!
//! Only the winner of each pooling window has a gradient, and only where the ReLU let it through:
//! an eighth of the convolution's outputs or less. For each of them the weight gradient gains the
//! input patch, and the input gradient gains the filter. With the channels last a patch is five
//! runs of contiguous floats, and all of a filter's gradient stays in registers over its windows.

use pulp::{Simd, WithSimd};

use super::geometry::Geometry;
use super::one_channel::{OneChannel, rows};
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::{load, store};

/// Vectors of a kernel row that are worked on together.
const WIDE: usize = 2;

/// Gradients of weight and bias, gathered over some images.
#[derive(Clone)]
pub(super) struct Gathered {
    /// `[output][kernel row][geometry.filter_row()]`, channels last.
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Scratch memory of one thread.
pub(super) struct Scratch {
    /// The input, channels last; of one channel alone, its rows three by three.
    input: Vec<f32>,
    /// Its gradient, channels last.
    gradient: Vec<f32>,
    /// In which the windows are visited; empty where any order will do.
    order: Vec<u32>,
    /// The gradient of the output where its ReLU let it through, zero elsewhere.
    passed: Vec<f32>,
    windows: Vec<Window>,
}

/// A pooling window that has a gradient.
#[derive(Clone, Copy, Default)]
struct Window {
    /// Where its winner's patch begins in the input.
    place: u32,
    gradient: f32,
}

/// What backward knows of one image.
pub(super) struct Image<'a> {
    pub(super) input: &'a [f32],
    /// The layer's output.
    pub(super) pooled: &'a [f32],
    pub(super) winners: &'a [u32],
    /// Gradient of the output.
    pub(super) gradient: &'a [f32],
}

pub(super) fn gathered(geometry: &Geometry) -> Gathered {
    Gathered {
        weight: vec![0.0; geometry.outputs * KERNEL * geometry.filter_row()],
        bias: vec![0.0; geometry.outputs],
    }
}

pub(super) fn scratch(geometry: &Geometry, of_input: bool) -> Scratch {
    let input = match is_alone(geometry, of_input) {
        true => rows(geometry),
        false => geometry.last_image(),
    };
    Scratch {
        input: vec![0.0; input],
        gradient: vec![0.0; if of_input { geometry.last_image() } else { 0 }],
        order: if of_input {
            order(geometry)
        } else {
            Vec::new()
        },
        passed: vec![0.0; geometry.output()],
        windows: vec![Window::default(); geometry.pooled() + 1],
    }
}

/// The filters as the kernel reads them: `[output][kernel row][geometry.filter_row()]`, channels
/// last, zeros at the end of each row.
pub(super) fn filters(geometry: &Geometry, weight: &[f32]) -> Vec<f32> {
    let (channels, row) = (geometry.channels, geometry.filter_row());
    let mut filters = vec![0.0; geometry.outputs * KERNEL * row];
    for (i, value) in weight.iter().enumerate() {
        filters[last_place(i, channels, row)] = *value;
    }
    filters
}

/// The gradient of the weight in its own layout, `[output][channel][kernel row][kernel column]`.
pub(super) fn unpack(geometry: &Geometry, gathered: &[f32]) -> Vec<f32> {
    let (channels, row) = (geometry.channels, geometry.filter_row());
    let count = geometry.outputs * geometry.filter();
    (0..count)
        .map(|i| gathered[last_place(i, channels, row)])
        .collect()
}

/// Where weight `i` of `[output][channel][kernel row][kernel column]` lies with channels last.
fn last_place(i: usize, channels: usize, row: usize) -> usize {
    let (column, i) = (i % KERNEL, i / KERNEL);
    let (kernel_row, i) = (i % KERNEL, i / KERNEL);
    let (channel, output) = (i % channels, i / channels);
    (output * KERNEL + kernel_row) * row + column * channels + channel
}

/// Adds one image to `sums`, and writes the gradient of its input where `input_gradient` is given.
pub(super) fn backward(
    geometry: &Geometry,
    filters: &[f32],
    image: &Image,
    scratch: &mut Scratch,
    sums: &mut Gathered,
    input_gradient: Option<&mut [f32]>,
) {
    arch().dispatch(|| pass(image, &mut scratch.passed));
    let passed = scratch.passed.chunks_exact(geometry.pooled());
    for (sum, passed) in sums.bias.iter_mut().zip(passed) {
        *sum += total(passed);
    }
    let wanted = input_gradient.is_some();
    if is_alone(geometry, wanted) {
        OneChannel {
            geometry,
            image: image.input,
            winners: image.winners,
            passed: &scratch.passed,
            rows: &mut scratch.input,
            sums: &mut sums.weight,
        }
        .run();
        return;
    }
    arch().dispatch(|| to_last(geometry, image.input, &mut scratch.input));
    if wanted {
        scratch.gradient.fill(0.0);
    }
    let of_output = KERNEL * geometry.filter_row();
    for output in 0..geometry.outputs {
        let count = windows(geometry, image.winners, output, scratch);
        let windows = &scratch.windows[..count];
        let span = output * of_output..(output + 1) * of_output;
        arch().dispatch(Gather {
            geometry,
            windows,
            input: &scratch.input,
            sums: &mut sums.weight[span.clone()],
        });
        if wanted {
            arch().dispatch(Scatter {
                geometry,
                windows,
                filter: &filters[span],
                gradient: &mut scratch.gradient,
            });
        }
    }
    if let Some(out) = input_gradient {
        arch().dispatch(|| to_first(geometry, &scratch.gradient, out));
    }
}

/// A sum in sixteen strands: one alone would wait for each addition before the next.
fn total(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<16>();
    let mut strands = [0.0; 16];
    for block in blocks {
        strands.iter_mut().zip(block).for_each(|(s, v)| *s += v);
    }
    strands.iter().chain(rest).sum()
}

/// Whether the weight of a single channel is all that has a gradient.
fn is_alone(geometry: &Geometry, of_input: bool) -> bool {
    geometry.channels == 1 && !of_input
}

/// The gradient of the output where the ReLU let it through, zero elsewhere.
#[inline(always)]
fn pass(image: &Image, passed: &mut [f32]) {
    let gradients = image.gradient.iter().zip(image.pooled);
    for (passed, (&gradient, &pooled)) in passed.iter_mut().zip(gradients) {
        *passed = if pooled > 0.0 { gradient } else { 0.0 };
    }
}

/// Lists the windows of `output` that have a gradient; returns how many.
fn windows(geometry: &Geometry, winners: &[u32], output: usize, scratch: &mut Scratch) -> usize {
    let start = output * geometry.pooled();
    let end = start + geometry.pooled();
    let (winners, passed) = (&winners[start..end], &scratch.passed[start..end]);
    let windows = &mut scratch.windows;
    let mut count = 0;
    // Without a branch: half of them are active, in no pattern that could be predicted.
    let mut list = |place: u32, gradient: f32| {
        windows[count] = Window { place, gradient };
        count += usize::from(gradient != 0.0);
    };
    if scratch.order.is_empty() {
        for (place, gradient) in winners.iter().zip(passed) {
            list(*place, *gradient);
        }
    } else {
        for &i in &scratch.order {
            let i = i as usize;
            list(winners[i], passed[i]);
        }
    }
    count
}

/// The windows in an order in which neighbours do not follow each other: their patches overlap,
/// and a load that overlaps a store still under way has to wait for it.
fn order(geometry: &Geometry) -> Vec<u32> {
    /// Windows this far apart have no input in common.
    const APART: usize = KERNEL.div_ceil(2);
    let width = geometry.pooled_width;
    let rows = (0..APART).flat_map(|r| (r..geometry.pooled_height).step_by(APART));
    let windows = rows.flat_map(|y| {
        (0..APART).flat_map(move |c| {
            (c..width)
                .step_by(APART)
                .map(move |x| (y * width + x) as u32)
        })
    });
    windows.collect()
}

/// From `[channel][pixel]` to `[pixel][channel]`.
#[inline(always)]
fn to_last(geometry: &Geometry, first: &[f32], last: &mut [f32]) {
    let (channels, pixels) = (geometry.channels, geometry.height * geometry.width);
    let last = &mut last[..pixels * channels];
    if let Some(planes) = planes::<USUAL>(first, channels, pixels) {
        let (last, _) = last.as_chunks_mut::<USUAL>();
        for (i, pixel) in last.iter_mut().enumerate() {
            *pixel = planes.map(|plane| plane[i]);
        }
        return;
    }
    for (channel, plane) in first.chunks_exact(pixels).enumerate() {
        for (value, pixel) in plane.iter().zip(last.chunks_exact_mut(channels)) {
            pixel[channel] = *value;
        }
    }
}

/// From `[pixel][channel]` to `[channel][pixel]`.
#[inline(always)]
fn to_first(geometry: &Geometry, last: &[f32], first: &mut [f32]) {
    let (channels, pixels) = (geometry.channels, geometry.height * geometry.width);
    for (channel, plane) in first.chunks_exact_mut(pixels).enumerate() {
        for (value, pixel) in plane.iter_mut().zip(last.chunks_exact(channels)) {
            *value = pixel[channel];
        }
    }
}

/// Channels of the default network's second layer: their number known, the loop over them unrolls.
const USUAL: usize = 6;

fn planes<const C: usize>(first: &[f32], channels: usize, pixels: usize) -> Option<[&[f32]; C]> {
    (channels == C).then(|| std::array::from_fn(|c| &first[c * pixels..(c + 1) * pixels]))
}

/// `sums += value * patch` over all windows.
struct Gather<'a> {
    geometry: &'a Geometry,
    windows: &'a [Window],
    input: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let needed = KERNEL * self.geometry.channels;
        for column in (0..needed).step_by(WIDE * S::F32_LANES) {
            if column + S::F32_LANES >= needed {
                self.columns::<S, 1>(simd, column);
            } else {
                self.columns::<S, WIDE>(simd, column);
            }
        }
    }
}

impl Gather<'_> {
    #[inline(always)]
    fn columns<S: Simd, const W: usize>(&mut self, simd: S, column: usize) {
        let (row, filter_row) = (self.geometry.last_row(), self.geometry.filter_row());
        let mut sums = [[simd.splat_f32s(0.0); W]; KERNEL];
        for window in self.windows {
            let value = simd.splat_f32s(window.gradient);
            let patch = &self.input[window.place as usize + column..];
            for (k, sums) in sums.iter_mut().enumerate() {
                let run = &patch[k * row..];
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.mul_add_e_f32s(value, load::<S>(&run[i * S::F32_LANES..]), *sum);
                }
            }
        }
        for (k, sums) in sums.into_iter().enumerate() {
            for (i, sum) in sums.into_iter().enumerate() {
                let place = &mut self.sums[k * filter_row + column + i * S::F32_LANES..];
                store::<S>(place, simd.add_f32s(load::<S>(place), sum));
            }
        }
    }
}

/// `gradient += value * filter` at every window.
struct Scatter<'a> {
    geometry: &'a Geometry,
    windows: &'a [Window],
    filter: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let needed = KERNEL * self.geometry.channels;
        for column in (0..needed).step_by(WIDE * S::F32_LANES) {
            if column + S::F32_LANES >= needed {
                self.columns::<S, 1>(simd, column);
            } else {
                self.columns::<S, WIDE>(simd, column);
            }
        }
    }
}

impl Scatter<'_> {
    #[inline(always)]
    fn columns<S: Simd, const W: usize>(&mut self, simd: S, column: usize) {
        let (row, filter_row) = (self.geometry.last_row(), self.geometry.filter_row());
        let mut filter = [[simd.splat_f32s(0.0); W]; KERNEL];
        for (k, vectors) in filter.iter_mut().enumerate() {
            for (i, vector) in vectors.iter_mut().enumerate() {
                *vector = load::<S>(&self.filter[k * filter_row + column + i * S::F32_LANES..]);
            }
        }
        for window in self.windows {
            let value = simd.splat_f32s(window.gradient);
            let patch = &mut self.gradient[window.place as usize + column..];
            for (k, vectors) in filter.iter().enumerate() {
                let run = &mut patch[k * row..];
                for (i, vector) in vectors.iter().enumerate() {
                    let place = &mut run[i * S::F32_LANES..];
                    store::<S>(place, simd.mul_add_e_f32s(value, *vector, load::<S>(place)));
                }
            }
        }
    }
}
