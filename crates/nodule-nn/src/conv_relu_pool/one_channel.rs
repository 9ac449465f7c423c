//! The weight gradient of a layer of one input channel, whose input needs none: the first layer's.
//!
//! A kernel row of one channel fills five lanes of sixteen. So three rows of the image lie here column by
//! column, and what meets fifteen weights lies side by side: two loads hold the patch of a window. The sums
//! of several outputs stay in registers over all windows. One without a gradient adds zero: to list those
//! that have one would cost more.

use pulp::{Simd, WithSimd};

use super::geometry::{Geometry, WIDEST};
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::{load, store};

/// Rows of the image that lie column by column.
const ROWS: usize = 3;
/// The kernel's rows in groups of so many; the second is not full.
const GROUPS: usize = KERNEL.div_ceil(ROWS);
/// Weights of a group, one lane each, in whole vectors.
const LANES: usize = WIDEST;

/// `sums += gradient * patch` over all windows of one image.
pub(super) struct OneChannel<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) image: &'a [f32],
    /// Which corner of its window each output came from.
    pub(super) corners: &'a [u32],
    /// Gradient of the output, zero where the ReLU let nothing through.
    pub(super) passed: &'a [f32],
    /// Scratch memory, [`rows`] floats.
    pub(super) rows: &'a mut [f32],
    /// `[output][kernel row][kernel column]`.
    pub(super) sums: &'a mut [f32],
}

/// Floats of an image whose rows lie three by three, with room for the last load.
pub(super) fn rows(geometry: &Geometry) -> usize {
    ROWS * geometry.width * (geometry.height - 1) + LANES
}

impl OneChannel<'_> {
    pub(super) fn run(self) {
        arch().dispatch(self);
    }

    /// Row `r` of the result has rows `r`, `r + 1` and `r + 2` of the image; the last one lacks the third,
    /// which no window asks for.
    #[inline(always)]
    fn interleave(&mut self) {
        let width = self.geometry.width;
        let (first, second, third) = (
            self.image,
            &self.image[width..],
            &self.image[(ROWS - 1) * width..],
        );
        let (triples, _) = self.rows.as_chunks_mut::<ROWS>();
        let (full, last) = triples.split_at_mut(third.len());
        for (((triple, a), b), c) in full.iter_mut().zip(first).zip(second).zip(third) {
            *triple = [*a, *b, *c];
        }
        let rest = first[third.len()..].iter().zip(&second[third.len()..]);
        for (triple, (a, b)) in last.iter_mut().zip(rest) {
            *triple = [*a, *b, 0.0];
        }
    }

    /// Outputs in blocks of `B`, whose sums take `V` vectors a group.
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

    #[inline(always)]
    fn block<S: Simd, const V: usize, const B: usize>(
        &self,
        simd: S,
        output: usize,
    ) -> [[[S::f32s; V]; GROUPS]; B] {
        let count = self.geometry.pooled();
        let corners: [&[u32]; B] =
            std::array::from_fn(|i| &self.corners[(output + i) * count..][..count]);
        let passed: [&[f32]; B] =
            std::array::from_fn(|i| &self.passed[(output + i) * count..][..count]);
        // Of one length, so that one check does for both.
        let apart = ROWS * ROWS * self.geometry.width;
        let length = self.rows.len() - apart;
        let groups: [&[f32]; GROUPS] =
            std::array::from_fn(|group| &self.rows[group * apart..][..length]);
        let mut sums = [[[simd.splat_f32s(0.0); V]; GROUPS]; B];
        let (width, pooled_width) = (self.geometry.width, self.geometry.pooled_width);
        for y in 0..self.geometry.pooled_height {
            for x in 0..pooled_width {
                let window = y * pooled_width + x;
                let place = 2 * (y * width + x);
                for (i, sums) in sums.iter_mut().enumerate() {
                    let corner = corners[i][window] as usize;
                    let start = ROWS * (place + (corner >> 1) * width + (corner & 1));
                    let value = simd.splat_f32s(passed[i][window]);
                    for (group, sums) in groups.iter().zip(sums) {
                        let patch = &group[start..][..LANES];
                        for (v, sum) in sums.iter_mut().enumerate() {
                            let run = load::<S>(&patch[v * S::F32_LANES..]);
                            *sum = simd.mul_add_e_f32s(value, run, *sum);
                        }
                    }
                }
            }
        }
        sums
    }

    /// Adds what one image gave for the kernel rows of `output` from `first` on.
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

    /// As many outputs a block as twelve sums hold, and a divisor of all, so that no block is ragged.
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
