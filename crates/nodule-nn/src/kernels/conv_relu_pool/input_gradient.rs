//! Input gradient of one image: every pooling window with a gradient adds gradient times filter to its patch.
//!
//! The patch's accumulators stay in registers while all outputs of a window are added. Its first pair of pixel columns is
//! then complete for this row of windows and is stored, and the accumulators shift by one pair to the next window.

use pulp::{Simd, WithSimd};

use super::channel_blocks::ChannelBlocks;
use super::geometry::{Geometry, KERNEL, PATCH};
use crate::kernels::arch::arch;
use crate::kernels::simd::{load, store};

/// Outputs in one bit mask.
const BITS: usize = u32::BITS as usize;

/// For each window a bit mask of the outputs with a gradient: arg-max in the upper row, and in the lower row.
pub(super) struct OutputMasks([Vec<u32>; 2]);

impl OutputMasks {
    pub(super) fn new(geometry: &Geometry) -> Self {
        Self([vec![0; geometry.windows()], vec![0; geometry.windows()]])
    }

    /// Sets the masks for up to [`BITS`] outputs.
    #[inline(always)]
    fn fill(&mut self, argmax: &[u32], masked: &[f32]) {
        let [upper, lower] = &mut self.0;
        upper.fill(0);
        lower.fill(0);
        let count = upper.len();
        let outputs = argmax.chunks_exact(count).zip(masked.chunks_exact(count));
        for (output, (argmax, masked)) in outputs.enumerate() {
            let windows = upper.iter_mut().zip(lower.iter_mut());
            for (((upper, lower), corner), gradient) in windows.zip(argmax).zip(masked) {
                let bit = u32::from(*gradient != 0.0) << output;
                let is_lower = corner >> 1;
                *upper |= bit * (is_lower ^ 1);
                *lower |= bit * is_lower;
            }
        }
    }
}

/// Overwrites `gradient` with the channel-blocked input gradient of one image.
///
/// `filters` have the layout of [`ChannelBlocks::pack_filters`]; `argmax` and `masked` (the output gradient after the
/// ReLU's mask) are `[o][window]`.
pub(super) fn input_gradient(
    geometry: &Geometry,
    blocks: &ChannelBlocks,
    masks: &mut OutputMasks,
    filters: &[f32],
    (argmax, masked): (&[u32], &[f32]),
    gradient: &mut [f32],
) {
    gradient.fill(0.0);
    let chunk = BITS * geometry.windows();
    let chunks = argmax.chunks(chunk).zip(masked.chunks(chunk));
    for (chunk, (argmax, masked)) in chunks.enumerate() {
        arch().dispatch(|| masks.fill(argmax, masked));
        for block in 0..blocks.blocks {
            let first = block * blocks.filters_len() + chunk * BITS * 2 * blocks.filter_len();
            arch().dispatch(FilterSum {
                geometry,
                blocks,
                masks,
                argmax,
                masked,
                filters: &filters[first..],
                gradient: &mut gradient[block * blocks.block_len()..][..blocks.block_len()],
            });
        }
    }
}

/// Adds `gradient * filter` of up to [`BITS`] outputs to the patches of all windows, in one channel block.
struct FilterSum<'a> {
    geometry: &'a Geometry,
    blocks: &'a ChannelBlocks,
    masks: &'a OutputMasks,
    argmax: &'a [u32],
    masked: &'a [f32],
    filters: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for FilterSum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            1 => self.windows::<S, PATCH, 2>(simd),
            _ => self.windows::<S, { PATCH / 2 }, 1>(simd),
        }
    }
}

impl FilterSum<'_> {
    /// Adds all windows, with `V` vectors for one row of a patch, `P` of them for a pair of pixels.
    #[inline(always)]
    fn windows<S: Simd, const V: usize, const P: usize>(mut self, simd: S) {
        let zero = simd.splat_f32s(0.0);
        let [upper, lower] = &self.masks.0;
        let width = self.geometry.pooled_width;
        for y in 0..self.geometry.pooled_height {
            let mut sums = [[zero; V]; PATCH];
            for x in 0..width + V / P - 1 {
                // Past the last window the remaining accumulators are stored, and nothing is added.
                let window = y * width + x;
                let mask = |masks: &[u32]| if x < width { masks[window] } else { 0 };
                self.add_outputs::<S, V, 0>(simd, mask(upper), window, &mut sums);
                self.add_outputs::<S, V, 1>(simd, mask(lower), window, &mut sums);
                self.store_pair::<S, V, P>(simd, y, x, &sums);
                for row in &mut sums {
                    for i in 0..V {
                        row[i] = if i + P < V { row[i + P] } else { zero };
                    }
                }
            }
        }
    }

    /// Adds the filters of the outputs in `mask`, whose arg-max is in row `R` of the window.
    #[inline(always)]
    fn add_outputs<S: Simd, const V: usize, const R: usize>(
        &self,
        simd: S,
        mut mask: u32,
        window: usize,
        sums: &mut [[S::f32s; V]; PATCH],
    ) {
        let count = self.geometry.windows();
        while mask != 0 {
            let output = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            let index = output * count + window;
            let value = simd.splat_f32s(self.masked[index]);
            let column = (self.argmax[index] & 1) as usize;
            let length = KERNEL * V * S::F32_LANES;
            let filter = &self.filters[(2 * output + column) * length..][..length];
            for k in 0..KERNEL {
                for i in 0..V {
                    let weights = load::<S>(&filter[(k * V + i) * S::F32_LANES..]);
                    sums[k + R][i] = simd.mul_add_e_f32s(value, weights, sums[k + R][i]);
                }
            }
        }
    }

    /// Adds the first pair of pixel columns of the accumulators to pair `x` of the rows under window row `y`.
    #[inline(always)]
    fn store_pair<S: Simd, const V: usize, const P: usize>(
        &mut self,
        simd: S,
        y: usize,
        x: usize,
        sums: &[[S::f32s; V]; PATCH],
    ) {
        let (row_len, pair_len) = (self.blocks.row_len(), self.blocks.pair_len());
        let rows = &mut self.gradient[2 * y * row_len + x * pair_len..];
        for (k, sums) in sums.iter().enumerate() {
            for i in 0..P {
                let total = &mut rows[k * row_len + i * S::F32_LANES..];
                store::<S>(total, simd.add_f32s(load::<S>(total), sums[i]));
            }
        }
    }
}
