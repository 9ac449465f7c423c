//! The forward kernel that multiplies by the weights themselves, for few channels or outputs.
//!
//! With the columns of the input split into even and odd ones, the four outputs of a pooling window
//! are four vectors whose lanes run along the pooled row: six loads (three of even, three of
//! odd columns, shifted) feed all of them, and pooling is a maximum of four vectors, no shuffles.
//! Only weights are broadcast. Multiplications per image: those of the convolution, no more.

use pulp::{Simd, WithSimd};

use super::geometry::Geometry;
use super::halves::{Halves, half_row};
use super::patches::REACH;
use super::pooling::pool;
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::load;

/// Weights in the order the kernel reads them: for each block of outputs, for each channel and
/// kernel row, the row's five weights of every output of the block.
pub(super) struct Packed {
    rows: Vec<[f32; KERNEL]>,
    bias: Vec<f32>,
    block: usize,
}

pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    let block = arch().dispatch(LargestBlock {
        outputs: geometry.outputs,
    });
    let mut rows = Vec::with_capacity(weight.len() / KERNEL);
    let (all, _) = weight.as_chunks::<KERNEL>();
    let of_filter = geometry.channels * KERNEL;
    for first in (0..geometry.outputs).step_by(block) {
        for row in 0..of_filter {
            rows.extend((first..first + block).map(|output| all[output * of_filter + row]));
        }
    }
    Packed {
        rows,
        bias: bias.to_vec(),
        block,
    }
}

/// Outputs computed together: as many as leave registers free beside four sums each, and a divisor of
/// all, so that no block is ragged.
struct LargestBlock {
    outputs: usize,
}

impl WithSimd for LargestBlock {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        let candidates: &[usize] = if S::REGISTER_COUNT >= 32 {
            &[4, 3, 2]
        } else {
            &[2]
        };
        candidates
            .iter()
            .copied()
            .find(|b| self.outputs.is_multiple_of(*b))
            .unwrap_or(1)
    }
}

/// One image: `pooled` gets the maxima, `winners` for each the corner of its window that it came from.
pub(super) fn direct(
    geometry: &Geometry,
    packed: &Packed,
    halves: &Halves,
    pooled: &mut [f32],
    winners: &mut [u32],
) {
    arch().dispatch(Direct {
        geometry,
        packed,
        halves,
        pooled,
        winners,
    });
}

struct Direct<'a> {
    geometry: &'a Geometry,
    packed: &'a Packed,
    halves: &'a Halves,
    pooled: &'a mut [f32],
    winners: &'a mut [u32],
}

impl WithSimd for Direct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.packed.block {
            6 => self.blocks::<S, 6>(simd),
            4 => self.blocks::<S, 4>(simd),
            3 => self.blocks::<S, 3>(simd),
            2 => self.blocks::<S, 2>(simd),
            _ => self.blocks::<S, 1>(simd),
        }
    }
}

impl Direct<'_> {
    #[inline(always)]
    fn blocks<S: Simd, const B: usize>(self, simd: S) {
        let geometry = self.geometry;
        let of_block = geometry.channels * KERNEL * B;
        let plane = geometry.pooled();
        let windows = Windows::<S> {
            simd,
            geometry,
            even: &self.halves.even,
            odd: &self.halves.odd,
        };
        for y in 0..geometry.pooled_height {
            for (block, rows) in self.packed.rows.chunks_exact(of_block).enumerate() {
                for x in (0..geometry.pooled_width).step_by(S::F32_LANES) {
                    let sums = windows.sums::<B>(rows, y, x);
                    for (i, sums) in sums.into_iter().enumerate() {
                        let output = block * B + i;
                        let at = output * plane + y * geometry.pooled_width + x;
                        let end = at + S::F32_LANES.min(geometry.pooled_width - x);
                        let bias = self.packed.bias[output];
                        let (pooled, winners) =
                            (&mut self.pooled[at..end], &mut self.winners[at..end]);
                        pool::<S, 1>(simd, sums, bias, pooled, winners);
                    }
                }
            }
        }
    }
}

/// A vector of pooling windows side by side.
struct Windows<'a, S: Simd> {
    simd: S,
    geometry: &'a Geometry,
    even: &'a [f32],
    odd: &'a [f32],
}

impl<S: Simd> Windows<'_, S> {
    /// The convolution at the four corners of the windows from `(y, x)` on, for `B` outputs.
    #[inline(always)]
    fn sums<const B: usize>(
        &self,
        rows: &[[f32; KERNEL]],
        y: usize,
        x: usize,
    ) -> [[S::f32s; 4]; B] {
        let (half, height) = (half_row(self.geometry), self.geometry.height);
        let mut sums = [[self.simd.splat_f32s(0.0); 4]; B];
        for (channel, rows) in rows.chunks_exact(KERNEL * B).enumerate() {
            let (rows, _) = rows.as_chunks::<B>();
            // Of known length, so that each load needs no check of its own.
            let length = S::F32_LANES + KERNEL / 2;
            let at = |row: usize| {
                let start = (channel * height + 2 * y + row) * half + x;
                (&self.even[start..][..length], &self.odd[start..][..length])
            };
            // Input row i meets kernel row i for the upper outputs, i - 1 for the lower ones.
            self.one::<B, 0>(at(0), &rows[0], &mut sums);
            for i in 1..KERNEL {
                self.both(at(i), &rows[i], &rows[i - 1], &mut sums);
            }
            self.one::<B, 1>(at(KERNEL), &rows[KERNEL - 1], &mut sums);
        }
        sums
    }

    /// Six vectors that hold the input columns of every window: even, odd, even, ...
    #[inline(always)]
    fn columns((even, odd): (&[f32], &[f32])) -> [S::f32s; REACH] {
        [
            load::<S>(even),
            load::<S>(odd),
            load::<S>(&even[1..]),
            load::<S>(&odd[1..]),
            load::<S>(&even[2..]),
            load::<S>(&odd[2..]),
        ]
    }

    /// What a row of the input adds to the corners in row `R` of the windows alone.
    #[inline(always)]
    fn one<const B: usize, const R: usize>(
        &self,
        row: (&[f32], &[f32]),
        weights: &[[f32; KERNEL]; B],
        sums: &mut [[S::f32s; 4]; B],
    ) {
        let columns = Self::columns(row);
        for (sums, weights) in sums.iter_mut().zip(weights) {
            for (k, weight) in weights.iter().enumerate() {
                self.add(*weight, columns[k], &mut sums[2 * R]);
                self.add(*weight, columns[k + 1], &mut sums[2 * R + 1]);
            }
        }
    }

    #[inline(always)]
    fn both<const B: usize>(
        &self,
        row: (&[f32], &[f32]),
        upper: &[[f32; KERNEL]; B],
        lower: &[[f32; KERNEL]; B],
        sums: &mut [[S::f32s; 4]; B],
    ) {
        let columns = Self::columns(row);
        for ((sums, upper), lower) in sums.iter_mut().zip(upper).zip(lower) {
            for k in 0..KERNEL {
                self.add(upper[k], columns[k], &mut sums[0]);
                self.add(upper[k], columns[k + 1], &mut sums[1]);
                self.add(lower[k], columns[k], &mut sums[2]);
                self.add(lower[k], columns[k + 1], &mut sums[3]);
            }
        }
    }

    #[inline(always)]
    fn add(&self, weight: f32, values: S::f32s, sum: &mut S::f32s) {
        *sum = self
            .simd
            .mul_add_e_f32s(self.simd.splat_f32s(weight), values, *sum);
    }
}
