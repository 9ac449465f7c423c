//! Linear interpolation of an image at the places of an affine map.

use pulp::{Simd, WithSimd};

/// Places in the source as linear functions of row and column of the result.
pub(super) struct SourceMap {
    /// Source row and column of the result's first pixel.
    pub(super) origin: [f64; 2],
    /// Change of source row and column with each row.
    pub(super) by_row: [f64; 2],
    /// Change of source row and column with each column.
    pub(super) by_column: [f64; 2],
}

/// Replaces `image`, a square of `side` x `side` pixels, by its values at the places of `map`. `padded` is working memory.
pub(super) fn resample(map: &SourceMap, side: usize, image: &mut [f32], padded: &mut Vec<f32>) {
    pad(image, side, padded);
    nodule_nn::arch().dispatch(Resample {
        map,
        side,
        padded,
        result: image,
    });
}

/// Copies a square `image` into `padded` with its last row and column repeated once, so that every pixel has a neighbour
/// below and to the right.
fn pad(image: &[f32], side: usize, padded: &mut Vec<f32>) {
    padded.clear();
    for row in image.chunks_exact(side) {
        padded.extend_from_slice(row);
        padded.push(row[side - 1]);
    }
    padded.extend_from_within((side - 1) * (side + 1)..);
}

struct Resample<'a> {
    map: &'a SourceMap,
    side: usize,
    padded: &'a [f32],
    result: &'a mut [f32],
}

/// Pixels whose places are computed at once.
const LANES: usize = 16;

/// Places of pixels in the source.
struct Places {
    /// Index of the pixel above and to the left.
    index: [u32; LANES],
    /// Distance from it, in rows.
    down: [f32; LANES],
    /// Distance from it, in columns.
    right: [f32; LANES],
}

impl WithSimd for Resample<'_> {
    type Output = ();

    // Plain loops, since closures would not be compiled for the instruction set.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut places = Places {
            index: [0; LANES],
            down: [0.0; LANES],
            right: [0.0; LANES],
        };
        let (map, side) = (self.map, self.side);
        for row in 0..side {
            for first in (0..side).step_by(LANES) {
                let (r, c) = (row as f64, first as f64);
                let y = map.origin[0] + r * map.by_row[0] + c * map.by_column[0];
                let x = map.origin[1] + r * map.by_row[1] + c * map.by_column[1];
                places.locate([y, x], map.by_column, side);
                let count = LANES.min(side - first);
                let result = &mut self.result[row * side + first..][..count];
                places.interpolate(self.padded, side + 1, result);
            }
        }
    }
}

impl Places {
    /// Computes the places of pixels from `start` on, which are `change` apart; both are rows and columns of an image with
    /// `side` rows. Places outside of the image move to its edge.
    #[inline(always)]
    fn locate(&mut self, start: [f64; 2], change: [f64; 2], side: usize) {
        let (last, width) = ((side - 1) as f32, side as u32 + 1);
        let (y0, x0) = (start[0] as f32, start[1] as f32);
        let (dy, dx) = (change[0] as f32, change[1] as f32);
        for i in 0..LANES {
            let y = (y0 + i as f32 * dy).max(0.0).min(last);
            let x = (x0 + i as f32 * dx).max(0.0).min(last);
            let (row, column) = (y.floor(), x.floor());
            self.index[i] = to_integer(row) * width + to_integer(column);
            self.down[i] = y - row;
            self.right[i] = x - column;
        }
    }

    /// Writes the values at the places; a row of `padded` has `width` pixels.
    #[inline(always)]
    fn interpolate(&self, padded: &[f32], width: usize, result: &mut [f32]) {
        let mut corners = [[0f32; LANES]; 4];
        for (i, index) in self.index.iter().enumerate() {
            let index = *index as usize;
            let neighbours = &padded[index..index + width + 2];
            corners[0][i] = neighbours[0];
            corners[1][i] = neighbours[1];
            corners[2][i] = neighbours[width];
            corners[3][i] = neighbours[width + 1];
        }
        let mut values = [0f32; LANES];
        for i in 0..LANES {
            let right = self.right[i];
            let upper = corners[0][i] + right * (corners[1][i] - corners[0][i]);
            let lower = corners[2][i] + right * (corners[3][i] - corners[2][i]);
            values[i] = upper + self.down[i] * (lower - upper);
        }
        result.copy_from_slice(&values[..result.len()]);
    }
}

/// Returns a whole number from 0 to below 2^23, as `as` does, but in two vector instructions.
#[inline(always)]
fn to_integer(value: f32) -> u32 {
    const SHIFT: f32 = 8_388_608.0;
    (value + SHIFT).to_bits() & 0x007f_ffff
}
