//! Forward kernel by direct convolution, for layers of few channels or outputs.
//!
//! Lanes run along a row of pooling windows. With even and odd input columns in separate planes, the four convolution
//! outputs of a window are four vectors: six loads (three of even, three of odd columns, shifted) feed all of them, and
//! pooling is a maximum of four vectors, without shuffles. Only weights are broadcast. The register tile is a block of
//! outputs by the four corners.

use pulp::{Simd, WithSimd};

use super::even_odd::{EvenOddColumns, half_row_len};
use super::geometry::{Geometry, KERNEL, PATCH};
use super::pooling::pool;
use crate::kernels::arch::arch;
use crate::kernels::simd::load;

/// Weights in the order in which the kernel reads them: `[block of outputs][channel][kernel row][output of the
/// block][kernel column]`.
pub(super) struct Packed {
    rows: Vec<[f32; KERNEL]>,
    bias: Vec<f32>,
    block: usize,
}

/// Packs `weight` `[o, c, 5, 5]` and `bias` `[o]`.
pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    let block = arch().dispatch(LargestBlock {
        outputs: geometry.outputs,
    });
    let mut rows = Vec::with_capacity(weight.len() / KERNEL);
    let (all, _) = weight.as_chunks::<KERNEL>();
    let filter_rows = geometry.channels * KERNEL;
    for first in (0..geometry.outputs).step_by(block) {
        for row in 0..filter_rows {
            rows.extend((first..first + block).map(|output| all[output * filter_rows + row]));
        }
    }
    Packed {
        rows,
        bias: bias.to_vec(),
        block,
    }
}

/// Outputs of one register tile: as many as the registers hold with four accumulators each. It divides the number of
/// outputs, so that no block is partial.
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

/// Writes the output of one image to `pooled`, and the arg-max of every window to `argmax`.
pub(super) fn direct(
    geometry: &Geometry,
    packed: &Packed,
    columns: &EvenOddColumns,
    pooled: &mut [f32],
    argmax: &mut [u32],
) {
    arch().dispatch(Direct {
        geometry,
        packed,
        columns,
        pooled,
        argmax,
    });
}

struct Direct<'a> {
    geometry: &'a Geometry,
    packed: &'a Packed,
    columns: &'a EvenOddColumns,
    pooled: &'a mut [f32],
    argmax: &'a mut [u32],
}

impl WithSimd for Direct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.packed.block {
            4 => self.blocks::<S, 4>(simd),
            3 => self.blocks::<S, 3>(simd),
            2 => self.blocks::<S, 2>(simd),
            _ => self.blocks::<S, 1>(simd),
        }
    }
}

impl Direct<'_> {
    /// Computes all windows in blocks of `B` outputs.
    #[inline(always)]
    fn blocks<S: Simd, const B: usize>(self, simd: S) {
        let geometry = self.geometry;
        let block_rows = geometry.channels * KERNEL * B;
        let plane = geometry.windows();
        let windows = Windows::<S> {
            simd,
            geometry,
            even: &self.columns.even,
            odd: &self.columns.odd,
        };
        for y in 0..geometry.pooled_height {
            for (block, rows) in self.packed.rows.chunks_exact(block_rows).enumerate() {
                for x in (0..geometry.pooled_width).step_by(S::F32_LANES) {
                    let sums = windows.sums::<B>(rows, y, x);
                    for (i, sums) in sums.into_iter().enumerate() {
                        let output = block * B + i;
                        let start = output * plane + y * geometry.pooled_width + x;
                        let end = start + S::F32_LANES.min(geometry.pooled_width - x);
                        let bias = self.packed.bias[output];
                        let (pooled, argmax) =
                            (&mut self.pooled[start..end], &mut self.argmax[start..end]);
                        pool::<S, 1>(simd, sums, bias, pooled, argmax);
                    }
                }
            }
        }
    }
}

/// The input under a vector of adjacent pooling windows.
struct Windows<'a, S: Simd> {
    simd: S,
    geometry: &'a Geometry,
    even: &'a [f32],
    odd: &'a [f32],
}

impl<S: Simd> Windows<'_, S> {
    /// Returns the convolution at the four corners of the windows from `(y, x)` on, for `B` outputs.
    #[inline(always)]
    fn sums<const B: usize>(
        &self,
        rows: &[[f32; KERNEL]],
        y: usize,
        x: usize,
    ) -> [[S::f32s; 4]; B] {
        let (half, height) = (half_row_len(self.geometry), self.geometry.height);
        let mut sums = [[self.simd.splat_f32s(0.0); 4]; B];
        for (channel, rows) in rows.chunks_exact(KERNEL * B).enumerate() {
            let (rows, _) = rows.as_chunks::<B>();
            // Slices of known length, so that the loads need no bounds checks of their own.
            let length = S::F32_LANES + KERNEL / 2;
            let input_row = |row: usize| {
                let start = (channel * height + 2 * y + row) * half + x;
                (&self.even[start..][..length], &self.odd[start..][..length])
            };
            // Input row i meets kernel row i for the upper corners, i - 1 for the lower ones.
            self.add_to_row::<B, 0>(input_row(0), &rows[0], &mut sums);
            for i in 1..KERNEL {
                self.add_to_both_rows(input_row(i), &rows[i], &rows[i - 1], &mut sums);
            }
            self.add_to_row::<B, 1>(input_row(KERNEL), &rows[KERNEL - 1], &mut sums);
        }
        sums
    }

    /// Loads six vectors with the input columns of every window: even, odd, even, ...
    #[inline(always)]
    fn columns((even, odd): (&[f32], &[f32])) -> [S::f32s; PATCH] {
        [
            load::<S>(even),
            load::<S>(odd),
            load::<S>(&even[1..]),
            load::<S>(&odd[1..]),
            load::<S>(&even[2..]),
            load::<S>(&odd[2..]),
        ]
    }

    /// Accumulates an input row into the corners in row `R` of the windows alone.
    #[inline(always)]
    fn add_to_row<const B: usize, const R: usize>(
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

    /// Accumulates an input row into all four corners.
    #[inline(always)]
    fn add_to_both_rows<const B: usize>(
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

    /// Fused multiply-add of a broadcast weight.
    #[inline(always)]
    fn add(&self, weight: f32, values: S::f32s, sum: &mut S::f32s) {
        *sum = self
            .simd
            .mul_add_e_f32s(self.simd.splat_f32s(weight), values, *sum);
    }
}
