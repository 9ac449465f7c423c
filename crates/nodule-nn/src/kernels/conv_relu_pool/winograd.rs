//! Forward kernel by minimal filtering, for layers of several channels and outputs.
//!
//! Minimal filtering (Winograd 1980), nested in two dimensions (Lavin & Gray 2016), here F(2x2, 5x5) with the
//! interpolation points 0, 1, -1, 1/2, -2 and infinity. An output tile is one pooling window: its four convolution
//! outputs take 36 multiplications for each channel instead of 100. The steps are those of Lavin & Gray: transform the
//! filters (once per batch), transform each 6x6 input tile, multiply element by element and sum over channels, transform
//! the sums back to the 2x2 output tile.
//!
//! Lanes run along a row of windows: a vector holds one element of as many input tiles. The filter transform is scaled by
//! 15 in each direction, and pooling divides the result by 225. The transforms of whole numbers are then whole numbers
//! and exact, and so are ties between corners. For other numbers, corners that are equal in exact arithmetic may differ
//! in their last bits.

use pulp::{Simd, WithSimd};

use super::even_odd::{EvenOddColumns, half_row_len};
use super::geometry::{Geometry, KERNEL, PATCH};
use super::pooling::pool;
use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;
use crate::kernels::simd::{load, store};

/// Width and height of an input tile, 2 + 5 - 1.
const TILE: usize = PATCH;
/// Maximum number of vectors of windows in one register tile.
const MAX_VECTORS: usize = 2;
/// Scale of the two-dimensional filter transform.
const SCALE: u16 = 15 * 15;
/// Filter transform (G of Lavin & Gray), times 15.
const FILTER_TRANSFORM: [[f64; KERNEL]; TILE] = [
    [15.0, 0.0, 0.0, 0.0, 0.0],
    [5.0, 5.0, 5.0, 5.0, 5.0],
    [-5.0, 5.0, -5.0, 5.0, -5.0],
    [-16.0, -8.0, -4.0, -2.0, -1.0],
    [1.0, -2.0, 4.0, -8.0, 16.0],
    [0.0, 0.0, 0.0, 0.0, 15.0],
];
/// Output transform (A transposed of Lavin & Gray).
const OUTPUT_TRANSFORM: [[f32; TILE]; 2] = [
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
    [0.0, 1.0, -1.0, 0.5, -2.0, 1.0],
];

/// Transformed filters, `[block of outputs][tile row][channel][tile column][output of the block]`.
pub(super) struct Packed {
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// Outputs of one block.
    block: usize,
}

/// Returns whether minimal filtering saves at least a quarter of the operations of direct convolution, for each window.
/// Smaller savings do not pay for the memory traffic of the tiles.
pub(super) fn is_faster(geometry: &Geometry) -> bool {
    /// Input transform of one channel: sixteen operations for each column and row of a tile.
    const INPUT_OPERATIONS: usize = 2 * TILE * 16;
    /// Output transform of one output: eight operations for each tile row, and four to add it.
    const OUTPUT_OPERATIONS: usize = TILE * (8 + 4);
    let Geometry {
        channels, outputs, ..
    } = *geometry;
    let filters = channels * outputs;
    let direct = 4 * KERNEL * KERNEL * filters;
    let minimal = TILE * TILE * filters + INPUT_OPERATIONS * channels + OUTPUT_OPERATIONS * outputs;
    4 * minimal <= 3 * direct
}

/// Transforms and packs `weight` `[o, c, 5, 5]`.
pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    let block = if geometry.outputs.is_multiple_of(2) {
        2
    } else {
        1
    };
    let channels = geometry.channels;
    let mut weights = vec![0.0; geometry.outputs * channels * TILE * TILE];
    let (filters, _) = weight.as_chunks::<{ KERNEL * KERNEL }>();
    for (i, filter) in filters.iter().enumerate() {
        let (output, channel) = (i / channels, i % channels);
        let first = output / block * block * channels * TILE * TILE + output % block;
        for (row, values) in transform_filter(filter).into_iter().enumerate() {
            for (column, value) in values.into_iter().enumerate() {
                let position = (row * channels + channel) * TILE + column;
                weights[first + position * block] = value;
            }
        }
    }
    Packed {
        weights,
        bias: bias.to_vec(),
        block,
    }
}

/// Returns G g G^T for a filter g.
fn transform_filter(filter: &[f32; KERNEL * KERNEL]) -> [[f32; TILE]; TILE] {
    let (rows, _) = filter.as_chunks::<KERNEL>();
    let dot = |row: &[f32; KERNEL], factors: &[f64; KERNEL]| -> f64 {
        row.iter()
            .zip(factors)
            .map(|(value, factor)| f64::from(*value) * factor)
            .sum()
    };
    FILTER_TRANSFORM.map(|row_factors| {
        FILTER_TRANSFORM.map(|column_factors| {
            rows.iter()
                .zip(row_factors)
                .map(|(row, factor)| dot(row, &column_factors) * factor)
                .sum::<f64>() as f32
        })
    })
}

/// Returns the number of floats of the transformed input tiles of [`MAX_VECTORS`] vectors of windows.
pub(super) fn tiles_len(geometry: &Geometry) -> usize {
    TILE * TILE * geometry.channels * MAX_VECTORS * MAX_LANES
}

/// Writes the output of one image to `pooled`, and the arg-max of every window to `argmax`.
pub(super) fn winograd(
    geometry: &Geometry,
    packed: &Packed,
    columns: &EvenOddColumns,
    tiles: &mut [f32],
    pooled: &mut [f32],
    argmax: &mut [u32],
) {
    arch().dispatch(Winograd {
        geometry,
        packed,
        columns,
        tiles,
        pooled,
        argmax,
    });
}

struct Winograd<'a> {
    geometry: &'a Geometry,
    packed: &'a Packed,
    columns: &'a EvenOddColumns,
    /// Transformed input tiles of a few vectors of windows, `[tile row][channel][tile column][window]`.
    tiles: &'a mut [f32],
    pooled: &'a mut [f32],
    argmax: &'a mut [u32],
}

impl WithSimd for Winograd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match (self.packed.block, S::REGISTER_COUNT) {
            (2, 32..) => self.all_windows::<S, 2, MAX_VECTORS>(simd),
            (2, _) => self.all_windows::<S, 2, 1>(simd),
            (_, 32..) => self.all_windows::<S, 1, MAX_VECTORS>(simd),
            _ => self.all_windows::<S, 1, 1>(simd),
        }
    }
}

/// Position of the first window of a vector.
#[derive(Clone, Copy)]
struct Position {
    y: usize,
    x: usize,
}

/// Returns the positions of the `T` vectors from index `first` on; a row of windows has `row_vectors` of them.
fn positions<const T: usize>(first: usize, row_vectors: usize, lanes: usize) -> [Position; T] {
    std::array::from_fn(|t| Position {
        y: (first + t) / row_vectors,
        x: (first + t) % row_vectors * lanes,
    })
}

impl Winograd<'_> {
    /// Computes all windows, in register tiles of `T` vectors by `B` outputs; the rest one vector at a time.
    #[inline(always)]
    fn all_windows<S: Simd, const B: usize, const T: usize>(mut self, simd: S) {
        let row_vectors = self.geometry.pooled_width.div_ceil(S::F32_LANES);
        let vectors = self.geometry.pooled_height * row_vectors;
        let full = vectors - vectors % T;
        for i in (0..full).step_by(T) {
            self.windows::<S, B, T>(simd, positions::<T>(i, row_vectors, S::F32_LANES));
        }
        for i in full..vectors {
            self.windows::<S, B, 1>(simd, positions::<1>(i, row_vectors, S::F32_LANES));
        }
    }

    /// Computes `T` vectors of windows for all outputs.
    #[inline(always)]
    fn windows<S: Simd, const B: usize, const T: usize>(
        &mut self,
        simd: S,
        positions: [Position; T],
    ) {
        for channel in 0..self.geometry.channels {
            for (t, position) in positions.iter().enumerate() {
                self.transform_input::<S, T>(simd, channel, t, *position);
            }
        }
        let (width, count) = (self.geometry.pooled_width, self.geometry.windows());
        let block_len = self.geometry.channels * TILE * TILE * B;
        for block in 0..self.geometry.outputs / B {
            let weights = &self.packed.weights[block * block_len..][..block_len];
            let sums = self.multiply::<S, B, T>(simd, weights);
            for (b, sums) in sums.iter().enumerate() {
                let output = block * B + b;
                let bias = self.packed.bias[output];
                for (corners, Position { y, x }) in sums.iter().zip(&positions) {
                    let start = output * count + y * width + x;
                    let end = start + S::F32_LANES.min(width - x);
                    let pooled = &mut self.pooled[start..end];
                    let argmax = &mut self.argmax[start..end];
                    pool::<S, SCALE>(simd, *corners, bias, pooled, argmax);
                }
            }
        }
    }

    /// Transforms the input tiles of vector `t` of the windows, in one channel.
    #[inline(always)]
    fn transform_input<S: Simd, const T: usize>(
        &mut self,
        simd: S,
        channel: usize,
        t: usize,
        Position { y, x }: Position,
    ) {
        let half = half_row_len(self.geometry);
        let first = (channel * self.geometry.height + 2 * y) * half + x;
        // Plain loops: closures would not be compiled for the vector instruction set.
        let mut rows = [[simd.splat_f32s(0.0); TILE]; TILE];
        for j in 0..TILE {
            let columns = if j % 2 == 0 {
                &self.columns.even
            } else {
                &self.columns.odd
            };
            let columns = &columns[first + j / 2..][..(TILE - 1) * half + S::F32_LANES];
            let mut column = [simd.splat_f32s(0.0); TILE];
            for i in 0..TILE {
                column[i] = load::<S>(&columns[i * half..]);
            }
            let column = input_transform(simd, column);
            for i in 0..TILE {
                rows[i][j] = column[i];
            }
        }
        let row_len = self.geometry.channels * TILE * T * S::F32_LANES;
        let tiles = &mut self.tiles[channel * TILE * T * S::F32_LANES..];
        for i in 0..TILE {
            let row = input_transform(simd, rows[i]);
            let tiles = &mut tiles[i * row_len..][..TILE * T * S::F32_LANES];
            for j in 0..TILE {
                store::<S>(&mut tiles[(j * T + t) * S::F32_LANES..], row[j]);
            }
        }
    }

    /// Returns the convolution at the four corners of the windows, times [`SCALE`]: element-wise products summed over
    /// channels, then the output transform.
    #[inline(always)]
    fn multiply<S: Simd, const B: usize, const T: usize>(
        &self,
        simd: S,
        weights: &[f32],
    ) -> [[[S::f32s; 4]; T]; B] {
        let zero = simd.splat_f32s(0.0);
        let (weights, _) = weights.as_chunks::<B>();
        let (weights, _) = weights.as_chunks::<TILE>();
        let (tiles, _) = S::as_simd_f32s(self.tiles);
        let mut corners = [[[zero; 4]; T]; B];
        for i in 0..TILE {
            let mut sums = [[[zero; TILE]; T]; B];
            for row in i * self.geometry.channels..(i + 1) * self.geometry.channels {
                let weights = &weights[row];
                let tiles = &tiles[row * TILE * T..][..TILE * T];
                for j in 0..TILE {
                    for t in 0..T {
                        for b in 0..B {
                            let weight = simd.splat_f32s(weights[j][b]);
                            let value = tiles[j * T + t];
                            sums[b][t][j] = simd.mul_add_e_f32s(weight, value, sums[b][t][j]);
                        }
                    }
                }
            }
            for b in 0..B {
                for t in 0..T {
                    add_output_row(simd, i, sums[b][t], &mut corners[b][t]);
                }
            }
        }
        corners
    }
}

/// Returns the one-dimensional input transform (B transposed of Lavin & Gray).
#[inline(always)]
fn input_transform<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; TILE]) -> [S::f32s; TILE] {
    let (outer, inner) = (simd.sub_f32s(e, c), simd.sub_f32s(d, b));
    [
        mul_add(
            simd,
            1.5,
            inner,
            mul_add(simd, -2.0, c, simd.add_f32s(a, e)),
        ),
        mul_add(simd, 2.5, d, mul_add(simd, 0.5, c, simd.sub_f32s(e, b))),
        mul_add(simd, 0.5, d, mul_add(simd, -2.5, c, simd.add_f32s(e, b))),
        mul_add(simd, 2.0, inner, outer),
        mul_add(simd, -0.5, inner, outer),
        mul_add(
            simd,
            1.5,
            outer,
            mul_add(simd, -2.0, d, simd.add_f32s(b, f)),
        ),
    ]
}

#[inline(always)]
fn mul_add<S: Simd>(simd: S, factor: f32, value: S::f32s, addend: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(factor), value, addend)
}

/// Adds the output transform of row `i` of a tile's sums to the corners.
#[inline(always)]
fn add_output_row<S: Simd>(
    simd: S,
    i: usize,
    [a, b, c, d, e, f]: [S::f32s; TILE],
    corners: &mut [S::f32s; 4],
) {
    let left = simd.add_f32s(simd.add_f32s(b, c), simd.add_f32s(d, e));
    let left = simd.add_f32s(a, left);
    let right = mul_add(simd, 0.5, d, mul_add(simd, -2.0, e, simd.sub_f32s(b, c)));
    let right = simd.add_f32s(right, f);
    for (row, factors) in OUTPUT_TRANSFORM.iter().enumerate() {
        let factor = simd.splat_f32s(factors[i]);
        corners[2 * row] = simd.mul_add_e_f32s(factor, left, corners[2 * row]);
        corners[2 * row + 1] = simd.mul_add_e_f32s(factor, right, corners[2 * row + 1]);
    }
}
