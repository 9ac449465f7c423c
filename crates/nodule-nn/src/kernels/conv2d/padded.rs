//! Zero-padded planes, laid out so that every vector that a kernel loads is contiguous.
//!
//! With a stride of s, a kernel reads columns x, x + s, x + 2s, ... together. Each row is therefore stored as s
//! segments, one for each column phase.

use crate::kernels::MAX_LANES;

/// Layout of a buffer of zero-padded planes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PaddedPlanes {
    planes: usize,
    height: usize,
    width: usize,
    border: usize,
    stride: usize,
    /// Floats of one segment: the columns of one phase, and room for the last vector load.
    segment_len: usize,
}

impl PaddedPlanes {
    /// Returns the layout of `[planes][height][width]` with `border` zeros on all sides, columns split by `stride`.
    pub(super) fn new([planes, height, width]: [usize; 3], border: usize, stride: usize) -> Self {
        Self {
            planes,
            height,
            width,
            border,
            stride,
            segment_len: (width + 2 * border).div_ceil(stride) + MAX_LANES,
        }
    }

    /// Floats of the whole buffer.
    pub(super) fn buffer_len(&self) -> usize {
        self.planes * self.plane_len() + MAX_LANES
    }

    /// Floats from one plane to the next.
    pub(super) fn plane_len(&self) -> usize {
        (self.height + 2 * self.border) * self.row_len()
    }

    /// Floats from one row to the next.
    pub(super) fn row_len(&self) -> usize {
        self.stride * self.segment_len
    }

    /// Offset of row `y` and column `x` of a plane; both count from the corner of the border.
    ///
    /// Offsets add up if `x` is a multiple of the stride: that of `(y + b, x + a)` is the sum of both offsets.
    pub(super) fn offset(&self, plane: usize, y: usize, x: usize) -> usize {
        plane * self.plane_len()
            + y * self.row_len()
            + (x % self.stride) * self.segment_len
            + x / self.stride
    }

    /// Copies `values` `[planes][height][width]` into `buffer`, inside the borders. The borders keep their values.
    pub(super) fn fill(&self, values: &[f32], buffer: &mut [f32]) {
        let rows = values.chunks_exact(self.width);
        for (i, row) in rows.enumerate() {
            let (plane, y) = (i / self.height, i % self.height + self.border);
            if self.stride == 1 {
                let start = self.offset(plane, y, self.border);
                buffer[start..start + row.len()].copy_from_slice(row);
                continue;
            }
            for first in 0..self.stride.min(row.len()) {
                let start = self.offset(plane, y, self.border + first);
                let run = row[first..].iter().step_by(self.stride);
                buffer[start..]
                    .iter_mut()
                    .zip(run)
                    .for_each(|(to, value)| *to = *value);
            }
        }
    }
}
