//! Even and odd columns of an image in separate planes, so that adjacent pooling windows are adjacent in memory.

use super::geometry::Geometry;
use crate::kernels::MAX_LANES;

/// Planes of even and of odd columns, `[channel][row][half a row]` each, with room for the last vector load.
pub(super) struct EvenOddColumns {
    pub(super) even: Vec<f32>,
    pub(super) odd: Vec<f32>,
}

/// Returns the number of floats from one row of even (or odd) columns to the next.
pub(super) fn half_row_len(geometry: &Geometry) -> usize {
    geometry.width.div_ceil(2)
}

impl EvenOddColumns {
    /// Allocates the planes for one image.
    pub(super) fn new(geometry: &Geometry) -> Self {
        let len = geometry.channels * geometry.height * half_row_len(geometry) + 2 * MAX_LANES;
        Self {
            even: vec![0.0; len],
            odd: vec![0.0; len],
        }
    }

    /// Copies `image` `[c, h, w]` into the planes.
    #[inline(always)]
    pub(super) fn deinterleave(&mut self, geometry: &Geometry, image: &[f32]) {
        if geometry.width.is_multiple_of(2) {
            // Rows end with an odd column, so that the whole image is one long row.
            return deinterleave_row(image, &mut self.even, &mut self.odd);
        }
        let half = half_row_len(geometry);
        let halves = self
            .even
            .chunks_exact_mut(half)
            .zip(self.odd.chunks_exact_mut(half));
        for (row, (even, odd)) in image.chunks_exact(geometry.width).zip(halves) {
            deinterleave_row(row, even, odd);
            even[half - 1] = row[geometry.width - 1];
        }
    }
}

#[inline(always)]
fn deinterleave_row(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    let (pairs, _) = row.as_chunks::<2>();
    for ((pair, e), o) in pairs.iter().zip(even).zip(odd) {
        (*e, *o) = (pair[0], pair[1]);
    }
}
