//! Weight gradient of a layer with one input channel that needs no input gradient: the first layer.
//!
//! A kernel row of one channel would fill five lanes of sixteen. Three image rows are therefore interleaved column by
//! column, so that the fifteen inputs of three kernel rows are adjacent, and two vector loads hold a window's patch. The
//! accumulators of several outputs stay in registers over all windows. A window without a gradient adds zero: to list
//! those that have one would cost more.

use pulp::{Simd, WithSimd};

use super::geometry::{Geometry, KERNEL};
use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;
use crate::kernels::simd::{load, store};

/// Image rows that are interleaved.
const ROWS: usize = 3;
/// Groups of [`ROWS`] kernel rows; the last is partial.
const GROUPS: usize = KERNEL.div_ceil(ROWS);
/// Lanes of one group's weights, in whole vectors of any width.
const LANES: usize = MAX_LANES;

/// Adds the sum of `gradient * patch` over all windows of one image to the weight gradient.
pub(super) struct OneChannel<'a> {
    pub(super) geometry: &'a Geometry,
    /// `[h][w]`.
    pub(super) image: &'a [f32],
    /// `[o][window]`.
    pub(super) argmax: &'a [u32],
    /// Output gradient after the ReLU's mask, `[o][window]`.
    pub(super) masked: &'a [f32],
    /// Scratch buffer of [`interleaved_len`] floats.
    pub(super) interleaved: &'a mut [f32],
    /// Accumulated weight gradient, `[o][kernel row][kernel column]`.
    pub(super) sums: &'a mut [f32],
}

/// Returns the number of floats of an image with interleaved rows, with room for the last vector load.
pub(super) fn interleaved_len(geometry: &Geometry) -> usize {
    ROWS * geometry.width * (geometry.height - 1) + LANES
}

impl OneChannel<'_> {
    pub(super) fn run(self) {
        arch().dispatch(self);
    }

    /// Interleaves image rows: row `r` of the result holds rows `r`, `r + 1` and `r + 2` column by column. The last one
    /// has zeros for its third row, which no window covers.
    #[inline(always)]
    fn interleave(&mut self) {
        let width = self.geometry.width;
        let (first, second, third) = (
            self.image,
            &self.image[width..],
            &self.image[(ROWS - 1) * width..],
        );
        let (triples, _) = self.interleaved.as_chunks_mut::<ROWS>();
        let (full, last) = triples.split_at_mut(third.len());
        for (((triple, a), b), c) in full.iter_mut().zip(first).zip(second).zip(third) {
            *triple = [*a, *b, *c];
        }
        let rest = first[third.len()..].iter().zip(&second[third.len()..]);
        for (triple, (a, b)) in last.iter_mut().zip(rest) {
            *triple = [*a, *b, 0.0];
        }
    }

    /// Computes all outputs in blocks of `B`, whose accumulators take `V` vectors for each group.
    #[inline(always)]
    fn blocks<S: Simd, const V: usize, const B: usize>(mut self, simd: S) {
        self.interleave();
        for output in (0..self.geometry.outputs).step_by(B) {
            let sums = self.block::<S, V, B>(simd, output);
            for (i, groups) in sums.into_iter().enumerate() {
                for (group, vectors) in groups.into_iter().enumerate() {
                    self.add(output + i, group * ROWS, lanes::<S, V>(vectors));
                }
            }
        }
    }

    /// Returns the sums of `B` outputs from `output` on.
    #[inline(always)]
    fn block<S: Simd, const V: usize, const B: usize>(
        &self,
        simd: S,
        output: usize,
    ) -> [[[S::f32s; V]; GROUPS]; B] {
        let count = self.geometry.windows();
        let argmax: [&[u32]; B] =
            std::array::from_fn(|i| &self.argmax[(output + i) * count..][..count]);
        let masked: [&[f32]; B] =
            std::array::from_fn(|i| &self.masked[(output + i) * count..][..count]);
        // Slices of equal length, so that one bounds check serves both.
        let group_stride = ROWS * ROWS * self.geometry.width;
        let length = self.interleaved.len() - group_stride;
        let groups: [&[f32]; GROUPS] =
            std::array::from_fn(|group| &self.interleaved[group * group_stride..][..length]);
        let mut sums = [[[simd.splat_f32s(0.0); V]; GROUPS]; B];
        let (width, pooled_width) = (self.geometry.width, self.geometry.pooled_width);
        for y in 0..self.geometry.pooled_height {
            for x in 0..pooled_width {
                let window = y * pooled_width + x;
                let offset = 2 * (y * width + x);
                for (i, sums) in sums.iter_mut().enumerate() {
                    let corner = argmax[i][window] as usize;
                    let start = ROWS * (offset + (corner >> 1) * width + (corner & 1));
                    let value = simd.splat_f32s(masked[i][window]);
                    for (group, sums) in groups.iter().zip(sums) {
                        let patch = &group[start..][..LANES];
                        for (v, sum) in sums.iter_mut().enumerate() {
                            let vector = load::<S>(&patch[v * S::F32_LANES..]);
                            *sum = simd.mul_add_e_f32s(value, vector, *sum);
                        }
                    }
                }
            }
        }
        sums
    }

    /// Adds the lanes of one group to the kernel rows of `output` from `first` on.
    #[inline(always)]
    fn add(&mut self, output: usize, first: usize, lanes: [f32; LANES]) {
        let (columns, _) = lanes.as_chunks::<ROWS>();
        for row in first..KERNEL.min(first + ROWS) {
            let start = (output * KERNEL + row) * KERNEL;
            let sums = &mut self.sums[start..start + KERNEL];
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum += column[row - first];
            }
        }
    }
}

#[inline(always)]
fn lanes<S: Simd, const V: usize>(vectors: [S::f32s; V]) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    for (v, vector) in vectors.into_iter().enumerate() {
        store::<S>(&mut lanes[v * S::F32_LANES..], vector);
    }
    lanes
}

impl WithSimd for OneChannel<'_> {
    type Output = ();

    /// Chooses the largest block that twelve accumulators hold and that divides the outputs, so that none is partial.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let outputs = self.geometry.outputs;
        match S::F32_LANES {
            16 if outputs.is_multiple_of(6) => self.blocks::<S, 1, 6>(simd),
            16 if outputs.is_multiple_of(4) => self.blocks::<S, 1, 4>(simd),
            16 => self.blocks::<S, 1, 1>(simd),
            8 if outputs.is_multiple_of(3) => self.blocks::<S, 2, 3>(simd),
            8 => self.blocks::<S, 2, 1>(simd),
            4 => self.blocks::<S, 4, 1>(simd),
            _ => self.blocks::<S, LANES, 1>(simd),
        }
    }
}
