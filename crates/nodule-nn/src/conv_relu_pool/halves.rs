//! The even and the odd columns of an image apart, so that windows side by side lie side by side.

use super::geometry::{Geometry, WIDEST};

/// `[channel][row][half a row]`, of even columns and of odd ones, with room for the last load.
pub(super) struct Halves {
    pub(super) even: Vec<f32>,
    pub(super) odd: Vec<f32>,
}

/// Floats from one row of even (or odd) columns to the next.
pub(super) fn half_row(geometry: &Geometry) -> usize {
    geometry.width.div_ceil(2)
}

impl Halves {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let half = geometry.channels * geometry.height * half_row(geometry) + 2 * WIDEST;
        Self {
            even: vec![0.0; half],
            odd: vec![0.0; half],
        }
    }

    #[inline(always)]
    pub(super) fn split(&mut self, geometry: &Geometry, image: &[f32]) {
        if geometry.width.is_multiple_of(2) {
            // No row has a column left over: one long row.
            return split_row(image, &mut self.even, &mut self.odd);
        }
        let half = half_row(geometry);
        let halves = self.even.chunks_exact_mut(half);
        let halves = halves.zip(self.odd.chunks_exact_mut(half));
        for (row, (even, odd)) in image.chunks_exact(geometry.width).zip(halves) {
            split_row(row, even, odd);
            even[half - 1] = row[geometry.width - 1];
        }
    }
}

#[inline(always)]
fn split_row(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    let (pairs, _) = row.as_chunks::<2>();
    for ((pair, e), o) in pairs.iter().zip(even).zip(odd) {
        (*e, *o) = (pair[0], pair[1]);
    }
}
