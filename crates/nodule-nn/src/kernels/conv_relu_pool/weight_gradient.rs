//! Weight gradient of the fused convolution, ReLU and max-pool layer with several input channels: the sum over pooling
//! windows of gradient times input patch.
//!
//! Most windows have no gradient after the ReLU, so those that have one are listed first, by output and arg-max column.
//! The accumulators of one filter block stay in registers over all windows of a list.

use pulp::{Simd, WithSimd};

use super::channel_blocks::ChannelBlocks;
use super::geometry::{Geometry, KERNEL, PATCH};
use crate::kernels::arch::arch;
use crate::kernels::simd::{load, store};

/// A pooling window with a gradient.
#[derive(Clone, Copy, Default)]
struct Window {
    /// Offset, within a channel block, of the first input row of the patch that produced the maximum.
    offset: u32,
    gradient: f32,
}

/// Windows with a gradient, of one output.
pub(super) struct WindowLists {
    /// By arg-max column.
    windows: [Vec<Window>; 2],
    /// Offset of every window's patch in a channel block.
    offsets: Vec<u32>,
}

impl WindowLists {
    pub(super) fn new(geometry: &Geometry, blocks: &ChannelBlocks) -> Self {
        let rows = (0..geometry.pooled_height).map(|y| 2 * y * blocks.row_len());
        let columns = (0..geometry.pooled_width).map(|x| x * blocks.pair_len());
        let offsets = rows.flat_map(|row| columns.clone().map(move |column| (row + column) as u32));
        // One spare entry: each window is written before the code decides whether to keep it.
        let none = vec![Window::default(); geometry.windows() + 1];
        Self {
            windows: [none.clone(), none],
            offsets: offsets.collect(),
        }
    }

    /// Lists the windows of one output that have a gradient, and returns the lengths of both lists.
    #[inline(always)]
    fn fill(&mut self, row_len: usize, argmax: &[u32], masked: &[f32]) -> [usize; 2] {
        let [left, right] = &mut self.windows;
        let (mut lefts, mut rights) = (0, 0);
        // Branchless: which windows have a gradient is unpredictable.
        for ((offset, corner), gradient) in self.offsets.iter().zip(argmax).zip(masked) {
            let window = Window {
                offset: offset + (corner >> 1) * row_len as u32,
                gradient: *gradient,
            };
            let is_right = (corner & 1) as usize;
            let has_gradient = usize::from(*gradient != 0.0);
            left[lefts] = window;
            right[rights] = window;
            lefts += has_gradient & (is_right ^ 1);
            rights += has_gradient & is_right;
        }
        [lefts, rights]
    }
}

/// Adds the weight gradient of one image to `sums`, which has the layout of [`ChannelBlocks::pack_filters`].
///
/// `input` is channel-blocked; `argmax` and `masked` (the output gradient after the ReLU's mask) are `[o][window]`.
pub(super) fn weight_gradient(
    blocks: &ChannelBlocks,
    lists: &mut WindowLists,
    input: &[f32],
    (argmax, masked): (&[u32], &[f32]),
    sums: &mut [f32],
) {
    let count = lists.offsets.len();
    let outputs = argmax.chunks_exact(count).zip(masked.chunks_exact(count));
    for (output, (argmax, masked)) in outputs.enumerate() {
        let counts = arch().dispatch(|| lists.fill(blocks.row_len(), argmax, masked));
        for (column, (windows, count)) in lists.windows.iter().zip(counts).enumerate() {
            for block in 0..blocks.blocks {
                let filter =
                    block * blocks.filters_len() + (2 * output + column) * blocks.filter_len();
                arch().dispatch(PatchSum {
                    windows: &windows[..count],
                    row_len: blocks.row_len(),
                    input: &input[block * blocks.block_len()..][..blocks.block_len()],
                    sums: &mut sums[filter..][..blocks.filter_len()],
                });
            }
        }
    }
}

/// Adds `gradient * patch` of all windows to the sums of one filter block.
struct PatchSum<'a> {
    windows: &'a [Window],
    row_len: usize,
    input: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for PatchSum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            1 => self.accumulate::<S, PATCH>(simd),
            _ => self.accumulate::<S, { PATCH / 2 }>(simd),
        }
    }
}

impl PatchSum<'_> {
    /// Accumulates with `V` vectors for one row of a patch.
    #[inline(always)]
    fn accumulate<S: Simd, const V: usize>(self, simd: S) {
        let mut sums = [[simd.splat_f32s(0.0); V]; KERNEL];
        for window in self.windows {
            let value = simd.splat_f32s(window.gradient);
            let rows = &self.input[window.offset as usize..];
            for (k, sums) in sums.iter_mut().enumerate() {
                let row = &rows[k * self.row_len..][..V * S::F32_LANES];
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.mul_add_e_f32s(value, load::<S>(&row[i * S::F32_LANES..]), *sum);
                }
            }
        }
        let totals = self.sums.chunks_exact_mut(S::F32_LANES);
        for (total, sum) in totals.zip(sums.into_iter().flatten()) {
            store::<S>(total, simd.add_f32s(load::<S>(total), sum));
        }
    }
}
