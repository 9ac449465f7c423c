//! Channel-blocked layout of the backward kernels: `[block][row][pixel][channel of the block]`, half a vector per block
//! (like oneDNN's nChw8c).
//!
//! Two pixels of a block then fill one vector. The patch of the next pooling window begins one vector further, and the
//! six pixels of a patch row are three vectors that no load straddles. If the arg-max is in the right column of its
//! window, its input begins one pixel further: filters are therefore stored twice, once for each column, shifted by one
//! pixel.

use pulp::{Simd, WithSimd};

use super::geometry::{Geometry, KERNEL, PATCH};
use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;

/// Offsets in the channel-blocked layout, for the vector width of this processor.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelBlocks {
    channels: usize,
    outputs: usize,
    height: usize,
    width: usize,
    /// Channels of one block: half a vector, or one without vectors.
    block: usize,
    pub(super) blocks: usize,
}

impl ChannelBlocks {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let block = arch().dispatch(HalfVector);
        Self {
            channels: geometry.channels,
            outputs: geometry.outputs,
            height: geometry.height,
            width: geometry.width,
            block,
            blocks: geometry.channels.div_ceil(block),
        }
    }

    /// Floats of one image row of a block, rounded up to whole pairs of pixels.
    pub(super) fn row_len(&self) -> usize {
        self.width.next_multiple_of(2) * self.block
    }

    /// Floats of one block of an image.
    pub(super) fn block_len(&self) -> usize {
        self.height * self.row_len()
    }

    /// Floats of two pixels: from the patch of one window to that of the next.
    pub(super) fn pair_len(&self) -> usize {
        2 * self.block
    }

    /// Floats of one row of a patch.
    fn patch_row_len(&self) -> usize {
        PATCH * self.block
    }

    /// Floats of one block of one output's filter, for one arg-max column.
    pub(super) fn filter_len(&self) -> usize {
        KERNEL * self.patch_row_len()
    }

    /// Floats of one block of all filters: `[output][arg-max column][kernel row][pixel][channel]`.
    pub(super) fn filters_len(&self) -> usize {
        self.outputs * 2 * self.filter_len()
    }

    /// Copies `planes` `[channel][row][pixel]` to `blocked`.
    #[inline(always)]
    pub(super) fn pack_image(&self, planes: &[f32], blocked: &mut [f32]) {
        let pixels = self.height * self.width;
        for (channel, plane) in planes.chunks_exact(pixels).enumerate() {
            let rows =
                blocked[channel / self.block * self.block_len()..].chunks_exact_mut(self.row_len());
            for (from, to) in plane.chunks_exact(self.width).zip(rows) {
                let pixels = to[channel % self.block..].iter_mut().step_by(self.block);
                pixels.zip(from).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// Copies `blocked` to `planes` `[channel][row][pixel]`.
    #[inline(always)]
    pub(super) fn unpack_image(&self, blocked: &[f32], planes: &mut [f32]) {
        let pixels = self.height * self.width;
        for (channel, plane) in planes.chunks_exact_mut(pixels).enumerate() {
            let rows =
                blocked[channel / self.block * self.block_len()..].chunks_exact(self.row_len());
            for (to, from) in plane.chunks_exact_mut(self.width).zip(rows) {
                let pixels = from[channel % self.block..].iter().step_by(self.block);
                to.iter_mut().zip(pixels).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// Returns `weight` `[o, c, 5, 5]` in blocks, `[block][output][arg-max column][kernel row][pixel][channel]`, with
    /// zeros in the sixth pixel of each row.
    pub(super) fn pack_filters(&self, weight: &[f32]) -> Vec<f32> {
        let mut filters = vec![0.0; self.blocks * self.filters_len()];
        for (i, value) in weight.iter().enumerate() {
            for column in [0, 1] {
                filters[self.weight_offset(i, column)] = *value;
            }
        }
        filters
    }

    /// Returns a gradient that was accumulated in the layout of [`Self::pack_filters`] as `[o, c, 5, 5]`.
    pub(super) fn unpack_filters(&self, sums: &[f32]) -> Vec<f32> {
        let count = self.outputs * self.channels * KERNEL * KERNEL;
        let both_columns = |i| sums[self.weight_offset(i, 0)] + sums[self.weight_offset(i, 1)];
        (0..count).map(both_columns).collect()
    }

    /// Offset of weight `i` of `[output][channel][kernel row][kernel column]`, for one arg-max column.
    fn weight_offset(&self, i: usize, column: usize) -> usize {
        let (kernel_column, i) = (i % KERNEL, i / KERNEL);
        let (kernel_row, i) = (i % KERNEL, i / KERNEL);
        let (channel, output) = (i % self.channels, i / self.channels);
        let filter =
            channel / self.block * self.filters_len() + (2 * output + column) * self.filter_len();
        let pixel = kernel_row * PATCH + column + kernel_column;
        filter + pixel * self.block + channel % self.block
    }
}

/// Half the lanes of a vector, at least one.
struct HalfVector;

impl WithSimd for HalfVector {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        (S::F32_LANES / 2).max(1)
    }
}

/// Returns `length` floats of `buffer` that begin at a cache line. `buffer` is [`MAX_LANES`] longer than that.
pub(super) fn align_to_cache_line(buffer: &mut [f32], length: usize) -> &mut [f32] {
    let start = buffer.as_ptr().align_offset(MAX_LANES * size_of::<f32>());
    &mut buffer[start.min(MAX_LANES)..][..length]
}
