//! Outputs as sums over taps of shifted input.
//!
//! Lanes run along the row. A tile is a few vectors of a few outputs: each vector of input that is
//! loaded is used by all outputs of the tile, each weight that is broadcast by all its vectors. Vectors
//! are counted through the image and not by row, so that narrow images fill a tile as well.

use pulp::{Simd, WithSimd};

use super::planes::WIDEST;
use crate::arch::arch;
use crate::simd::load;

/// Outputs of one tile.
pub(super) const OUTPUTS: usize = 4;

/// Weights in the order the kernel reads them: `[block of outputs][tap][output of the block]`, zeros
/// for outputs that are not there.
pub(super) fn pack(
    outputs: usize,
    taps: usize,
    weight: impl Fn(usize, usize) -> f32,
) -> Vec<[f32; OUTPUTS]> {
    let blocks = (0..outputs).step_by(OUTPUTS);
    let packed = blocks.flat_map(|first| {
        let weight = &weight;
        (0..taps).map(move |tap| {
            std::array::from_fn(|i| match first + i < outputs {
                true => weight(first + i, tap),
                false => 0.0,
            })
        })
    });
    packed.collect()
}

/// Where the sums of one image are read from and written to.
pub(super) struct Correlate<'a> {
    /// Planes with a border.
    pub(super) input: &'a [f32],
    /// Floats from a row of outputs to the next, in `input`.
    pub(super) step: usize,
    /// Where taps are, seen from an output's own place.
    pub(super) taps: &'a [usize],
    /// As [`pack`] has them.
    pub(super) weights: &'a [[f32; OUTPUTS]],
    pub(super) height: usize,
    pub(super) width: usize,
    /// `[output][height][width]`.
    pub(super) output: &'a mut [f32],
}

pub(super) fn correlate(task: Correlate) {
    if task.taps.is_empty() {
        task.output.fill(0.0);
    } else {
        arch().dispatch(task);
    }
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Sums, vectors and a weight have to fit into the registers.
        if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, 4>(simd);
        } else {
            self.tiles::<S, 2>(simd);
        }
    }
}

impl Correlate<'_> {
    #[inline(always)]
    fn tiles<S: Simd, const X: usize>(self, simd: S) {
        let of_row = self.width.div_ceil(S::F32_LANES);
        let vectors = self.height * of_row;
        let plane = self.height * self.width;
        let reach = self.taps.iter().max().map_or(0, |tap| tap + WIDEST);
        let blocks = self.weights.chunks_exact(self.taps.len());
        for (weights, outputs) in blocks.zip(self.output.chunks_mut(OUTPUTS * plane)) {
            for first in (0..vectors).step_by(X) {
                // What is left over at the end is the last vector again.
                let at: [(usize, usize); X] = std::array::from_fn(|i| {
                    let v = (first + i).min(vectors - 1);
                    (v / of_row, v % of_row * S::F32_LANES)
                });
                let places = at.map(|(y, x)| &self.input[y * self.step + x..][..reach]);
                let sums = sums::<S, X>(simd, places, self.taps, weights);
                for (sums, output) in sums.into_iter().zip(outputs.chunks_exact_mut(plane)) {
                    for (sum, (y, x)) in sums.into_iter().zip(at) {
                        let count = S::F32_LANES.min(self.width - x);
                        let to = &mut output[y * self.width + x..][..count];
                        simd.partial_store_f32s(to, sum);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn sums<S: Simd, const X: usize>(
    simd: S,
    places: [&[f32]; X],
    taps: &[usize],
    weights: &[[f32; OUTPUTS]],
) -> [[S::f32s; X]; OUTPUTS] {
    let mut sums = [[simd.splat_f32s(0.0); X]; OUTPUTS];
    for (tap, weights) in taps.iter().zip(weights) {
        let values = places.map(|place| load::<S>(&place[*tap..]));
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = simd.splat_f32s(*weight);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_e_f32s(weight, value, *sum);
            }
        }
    }
    sums
}
