//! How patches lie in memory for the backward kernel: channels in groups of half a vector, pixel by pixel.
//!
//! Two pixels of a group are then one vector, a window two pixels further begins one vector further, and the
//! six pixels a window's four corners reach in a row are three vectors that no load straddles. What has the
//! winner in the right column of its window lies one pixel further: filters come once for either column.

use pulp::{Simd, WithSimd};

use super::geometry::{Geometry, WIDEST};
use crate::arch::arch;
use crate::config::KERNEL;

/// Pixels in a row that the corners of one window reach.
pub(super) const REACH: usize = KERNEL + 1;

/// Where things lie, for the vectors of this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches {
    channels: usize,
    outputs: usize,
    height: usize,
    width: usize,
    /// Channels of a group: half a vector, or one where a vector is one number.
    size: usize,
    pub(super) groups: usize,
}

impl Patches {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let size = arch().dispatch(HalfAVector);
        Self {
            channels: geometry.channels,
            outputs: geometry.outputs,
            height: geometry.height,
            width: geometry.width,
            size,
            groups: geometry.channels.div_ceil(size),
        }
    }

    /// Floats of one row of a group, in whole pairs of pixels.
    pub(super) fn row(&self) -> usize {
        self.width.next_multiple_of(2) * self.size
    }

    /// Floats of one group of an image.
    pub(super) fn group(&self) -> usize {
        self.height * self.row()
    }

    /// Floats of two pixels: from a window to the next.
    pub(super) fn pair(&self) -> usize {
        2 * self.size
    }

    /// Floats of the pixels that the corners of one window reach in a row.
    fn reach(&self) -> usize {
        REACH * self.size
    }

    /// Floats of one output's filter for one column of the winner, of one group.
    pub(super) fn filter(&self) -> usize {
        KERNEL * self.reach()
    }

    /// Floats of all filters of a group: `[output][column of the winner][kernel row][pixel][channel]`.
    pub(super) fn filters(&self) -> usize {
        self.outputs * 2 * self.filter()
    }

    /// From `[channel][row][pixel]` to `[group][row][pixel][channel]`.
    #[inline(always)]
    pub(super) fn gather(&self, planes: &[f32], grouped: &mut [f32]) {
        let pixels = self.height * self.width;
        for (channel, plane) in planes.chunks_exact(pixels).enumerate() {
            let rows = grouped[channel / self.size * self.group()..].chunks_exact_mut(self.row());
            for (from, to) in plane.chunks_exact(self.width).zip(rows) {
                let pixels = to[channel % self.size..].iter_mut().step_by(self.size);
                pixels.zip(from).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// From `[group][row][pixel][channel]` to `[channel][row][pixel]`.
    #[inline(always)]
    pub(super) fn scatter(&self, grouped: &[f32], planes: &mut [f32]) {
        let pixels = self.height * self.width;
        for (channel, plane) in planes.chunks_exact_mut(pixels).enumerate() {
            let rows = grouped[channel / self.size * self.group()..].chunks_exact(self.row());
            for (to, from) in plane.chunks_exact_mut(self.width).zip(rows) {
                let pixels = from[channel % self.size..].iter().step_by(self.size);
                to.iter_mut().zip(pixels).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// The filters as the kernel reads them, group by group; zeros around them.
    pub(super) fn pack(&self, weight: &[f32]) -> Vec<f32> {
        let mut filters = vec![0.0; self.groups * self.filters()];
        for (i, value) in weight.iter().enumerate() {
            for column in [0, 1] {
                filters[self.place(i, column)] = *value;
            }
        }
        filters
    }

    /// What was gathered for either column, in the weight's own layout,
    /// `[output][channel][kernel row][kernel column]`.
    pub(super) fn unpack(&self, gathered: &[f32]) -> Vec<f32> {
        let count = self.outputs * self.channels * KERNEL * KERNEL;
        let both = |i| gathered[self.place(i, 0)] + gathered[self.place(i, 1)];
        (0..count).map(both).collect()
    }

    /// Where weight `i` of `[output][channel][kernel row][kernel column]` lies, where the winner is in
    /// `column` of its window.
    fn place(&self, i: usize, column: usize) -> usize {
        let (kernel_column, i) = (i % KERNEL, i / KERNEL);
        let (kernel_row, i) = (i % KERNEL, i / KERNEL);
        let (channel, output) = (i % self.channels, i / self.channels);
        let filter = channel / self.size * self.filters() + (2 * output + column) * self.filter();
        let pixel = kernel_row * REACH + column + kernel_column;
        filter + pixel * self.size + channel % self.size
    }
}

struct HalfAVector;

impl WithSimd for HalfAVector {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        (S::F32_LANES / 2).max(1)
    }
}

/// `length` floats of `buffer` that begin where a line of the cache does; it is [`WIDEST`] longer.
pub(super) fn aligned(buffer: &mut [f32], length: usize) -> &mut [f32] {
    let start = buffer.as_ptr().align_offset(WIDEST * size_of::<f32>());
    &mut buffer[start.min(WIDEST)..][..length]
}
