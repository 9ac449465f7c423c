//! The forward kernel with fewer products, for layers of several channels and outputs.
//!
//! Minimal filtering after Winograd (1980), nested in two dimensions (Lavin and Gray 2016), here F(2x2, 5x5) on the
//! points 0, 1, -1, 1/2, -2 and infinity: the four corners of a pooling window come of 36 products a channel instead
//! of 100. Lanes run along the windows of a row. Filters carry a factor of 15 in each direction,
//! which pooling takes out again: whole numbers stay whole, and corners that are equal for whole numbers stay equal.
//! For others they may differ in their last bits.

use pulp::{Simd, WithSimd};

use super::geometry::{Geometry, WIDEST};
use super::halves::{Halves, half_row};
use super::patches::REACH;
use super::pooling::pool;
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::{load, store};

/// Vectors of windows that are worked on together, at most.
const MOST: usize = 2;
/// What the filters are multiplied by.
const SCALE: u16 = 15 * 15;
/// The filter's transformation, 15 times.
const OF_FILTER: [[f64; KERNEL]; REACH] = [
    [15.0, 0.0, 0.0, 0.0, 0.0],
    [5.0, 5.0, 5.0, 5.0, 5.0],
    [-5.0, 5.0, -5.0, 5.0, -5.0],
    [-16.0, -8.0, -4.0, -2.0, -1.0],
    [1.0, -2.0, 4.0, -8.0, 16.0],
    [0.0, 0.0, 0.0, 0.0, 15.0],
];
/// That of the products, back to the two outputs.
const OF_PRODUCTS: [[f32; REACH]; 2] = [
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
    [0.0, 1.0, -1.0, 0.5, -2.0, 1.0],
];

/// Filters, transformed: for each block of outputs `[row][channel][column]`, a weight of every output.
pub(super) struct Packed {
    weights: Vec<f32>,
    bias: Vec<f32>,
    block: usize,
}

/// Whether a quarter of the operations or more is saved, counted for each window: less does not pay for the way
/// through memory.
pub(super) fn pays(geometry: &Geometry) -> bool {
    /// Sixteen operations for each column and row of a channel; of an output, eight for each row and four to add it.
    const OF_CHANNEL: usize = 2 * REACH * 16;
    const OF_OUTPUT: usize = REACH * (8 + 4);
    let Geometry {
        channels, outputs, ..
    } = *geometry;
    let filters = channels * outputs;
    let direct = 4 * KERNEL * KERNEL * filters;
    let here = REACH * REACH * filters + OF_CHANNEL * channels + OF_OUTPUT * outputs;
    4 * here <= 3 * direct
}

pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    let block = if geometry.outputs.is_multiple_of(2) {
        2
    } else {
        1
    };
    let channels = geometry.channels;
    let mut weights = vec![0.0; geometry.outputs * channels * REACH * REACH];
    let (filters, _) = weight.as_chunks::<{ KERNEL * KERNEL }>();
    for (i, filter) in filters.iter().enumerate() {
        let (output, channel) = (i / channels, i % channels);
        let first = output / block * block * channels * REACH * REACH + output % block;
        for (row, values) in transformed_filter(filter).into_iter().enumerate() {
            for (column, value) in values.into_iter().enumerate() {
                let place = (row * channels + channel) * REACH + column;
                weights[first + place * block] = value;
            }
        }
    }
    Packed {
        weights,
        bias: bias.to_vec(),
        block,
    }
}

/// The filter from either side.
fn transformed_filter(filter: &[f32; KERNEL * KERNEL]) -> [[f32; REACH]; REACH] {
    let (rows, _) = filter.as_chunks::<KERNEL>();
    let across = |row: &[f32; KERNEL], by: &[f64; KERNEL]| -> f64 {
        row.iter().zip(by).map(|(v, by)| f64::from(*v) * by).sum()
    };
    OF_FILTER.map(|down| {
        OF_FILTER.map(|by| {
            let rows = rows.iter().zip(down);
            rows.map(|(row, down)| across(row, &by) * down).sum::<f64>() as f32
        })
    })
}

/// Floats of the transformed input of a few windows.
pub(super) fn tiles(geometry: &Geometry) -> usize {
    REACH * REACH * geometry.channels * MOST * WIDEST
}

/// One image: `pooled` gets the maxima, `winners` for each the corner of its window that it came from.
pub(super) fn winograd(
    geometry: &Geometry,
    packed: &Packed,
    halves: &Halves,
    tiles: &mut [f32],
    pooled: &mut [f32],
    winners: &mut [u32],
) {
    arch().dispatch(Winograd {
        geometry,
        packed,
        halves,
        tiles,
        pooled,
        winners,
    });
}

struct Winograd<'a> {
    geometry: &'a Geometry,
    packed: &'a Packed,
    halves: &'a Halves,
    /// `[row][channel][column][window]`, of the windows of a few vectors.
    tiles: &'a mut [f32],
    pooled: &'a mut [f32],
    winners: &'a mut [u32],
}

impl WithSimd for Winograd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match (self.packed.block, S::REGISTER_COUNT) {
            (2, 32..) => self.windows::<S, 2, MOST>(simd),
            (2, _) => self.windows::<S, 2, 1>(simd),
            (_, 32..) => self.windows::<S, 1, MOST>(simd),
            _ => self.windows::<S, 1, 1>(simd),
        }
    }
}

/// Where a vector of windows is.
#[derive(Clone, Copy)]
struct Place {
    y: usize,
    x: usize,
}

/// Those of the vectors from `first` on, of which a row of windows has `of_row`.
fn places<const T: usize>(first: usize, of_row: usize, lanes: usize) -> [Place; T] {
    std::array::from_fn(|t| Place {
        y: (first + t) / of_row,
        x: (first + t) % of_row * lanes,
    })
}

impl Winograd<'_> {
    /// `T` vectors of windows at a time, as far as there are so many, and `B` outputs.
    #[inline(always)]
    fn windows<S: Simd, const B: usize, const T: usize>(mut self, simd: S) {
        let of_row = self.geometry.pooled_width.div_ceil(S::F32_LANES);
        let all = self.geometry.pooled_height * of_row;
        let full = all - all % T;
        for i in (0..full).step_by(T) {
            self.some::<S, B, T>(simd, places::<T>(i, of_row, S::F32_LANES));
        }
        for i in full..all {
            self.some::<S, B, 1>(simd, places::<1>(i, of_row, S::F32_LANES));
        }
    }

    #[inline(always)]
    fn some<S: Simd, const B: usize, const T: usize>(&mut self, simd: S, places: [Place; T]) {
        for channel in 0..self.geometry.channels {
            for (t, place) in places.iter().enumerate() {
                self.transform::<S, T>(simd, channel, t, *place);
            }
        }
        let (width, count) = (self.geometry.pooled_width, self.geometry.pooled());
        let of_block = self.geometry.channels * REACH * REACH * B;
        for block in 0..self.geometry.outputs / B {
            let weights = &self.packed.weights[block * of_block..][..of_block];
            let sums = self.sums::<S, B, T>(simd, weights);
            for (b, sums) in sums.iter().enumerate() {
                let output = block * B + b;
                let bias = self.packed.bias[output];
                for (corners, Place { y, x }) in sums.iter().zip(&places) {
                    let start = output * count + y * width + x;
                    let end = start + S::F32_LANES.min(width - x);
                    let pooled = &mut self.pooled[start..end];
                    let winners = &mut self.winners[start..end];
                    pool::<S, SCALE>(simd, *corners, bias, pooled, winners);
                }
            }
        }
    }

    /// Transforms what vector `t` of the windows meets in one channel.
    #[inline(always)]
    fn transform<S: Simd, const T: usize>(
        &mut self,
        simd: S,
        channel: usize,
        t: usize,
        Place { y, x }: Place,
    ) {
        let half = half_row(self.geometry);
        let first = (channel * self.geometry.height + 2 * y) * half + x;
        // In plain loops: a closure would not be compiled for these vectors.
        let mut rows = [[simd.splat_f32s(0.0); REACH]; REACH];
        for j in 0..REACH {
            let halves = if j % 2 == 0 {
                &self.halves.even
            } else {
                &self.halves.odd
            };
            let halves = &halves[first + j / 2..][..(REACH - 1) * half + S::F32_LANES];
            let mut column = [simd.splat_f32s(0.0); REACH];
            for i in 0..REACH {
                column[i] = load::<S>(&halves[i * half..]);
            }
            let column = transformed(simd, column);
            for i in 0..REACH {
                rows[i][j] = column[i];
            }
        }
        let of_row = self.geometry.channels * REACH * T * S::F32_LANES;
        let tiles = &mut self.tiles[channel * REACH * T * S::F32_LANES..];
        for i in 0..REACH {
            let row = transformed(simd, rows[i]);
            let tiles = &mut tiles[i * of_row..][..REACH * T * S::F32_LANES];
            for j in 0..REACH {
                store::<S>(&mut tiles[(j * T + t) * S::F32_LANES..], row[j]);
            }
        }
    }

    /// The convolution at the four corners of the windows, times [`SCALE`].
    #[inline(always)]
    fn sums<S: Simd, const B: usize, const T: usize>(
        &self,
        simd: S,
        weights: &[f32],
    ) -> [[[S::f32s; 4]; T]; B] {
        let zero = simd.splat_f32s(0.0);
        let (weights, _) = weights.as_chunks::<B>();
        let (weights, _) = weights.as_chunks::<REACH>();
        let (windows, _) = S::as_simd_f32s(self.tiles);
        let mut corners = [[[zero; 4]; T]; B];
        for i in 0..REACH {
            let mut sums = [[[zero; REACH]; T]; B];
            for of_channel in i * self.geometry.channels..(i + 1) * self.geometry.channels {
                let weights = &weights[of_channel];
                let windows = &windows[of_channel * REACH * T..][..REACH * T];
                for j in 0..REACH {
                    for t in 0..T {
                        for b in 0..B {
                            let weight = simd.splat_f32s(weights[j][b]);
                            let window = windows[j * T + t];
                            sums[b][t][j] = simd.mul_add_e_f32s(weight, window, sums[b][t][j]);
                        }
                    }
                }
            }
            for b in 0..B {
                for t in 0..T {
                    add(simd, i, sums[b][t], &mut corners[b][t]);
                }
            }
        }
        corners
    }
}

/// The input's transformation in one direction.
#[inline(always)]
fn transformed<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; REACH]) -> [S::f32s; REACH] {
    let (outer, inner) = (simd.sub_f32s(e, c), simd.sub_f32s(d, b));
    [
        times(simd, 1.5, inner, times(simd, -2.0, c, simd.add_f32s(a, e))),
        times(simd, 2.5, d, times(simd, 0.5, c, simd.sub_f32s(e, b))),
        times(simd, 0.5, d, times(simd, -2.5, c, simd.add_f32s(e, b))),
        times(simd, 2.0, inner, outer),
        times(simd, -0.5, inner, outer),
        times(simd, 1.5, outer, times(simd, -2.0, d, simd.add_f32s(b, f))),
    ]
}

#[inline(always)]
fn times<S: Simd>(simd: S, by: f32, value: S::f32s, plus: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(by), value, plus)
}

/// Adds what row `i` of the products is worth to the corners.
#[inline(always)]
fn add<S: Simd>(
    simd: S,
    i: usize,
    [a, b, c, d, e, f]: [S::f32s; REACH],
    corners: &mut [S::f32s; 4],
) {
    let left = simd.add_f32s(simd.add_f32s(b, c), simd.add_f32s(d, e));
    let left = simd.add_f32s(a, left);
    let right = times(simd, 0.5, d, times(simd, -2.0, e, simd.sub_f32s(b, c)));
    let right = simd.add_f32s(right, f);
    for (row, by) in OF_PRODUCTS.iter().enumerate() {
        let by = simd.splat_f32s(by[i]);
        corners[2 * row] = simd.mul_add_e_f32s(by, left, corners[2 * row]);
        corners[2 * row + 1] = simd.mul_add_e_f32s(by, right, corners[2 * row + 1]);
    }
}
