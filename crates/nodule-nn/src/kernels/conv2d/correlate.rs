//! Cross-correlation of zero-padded planes with packed filters: the forward kernel, and that of the input gradient.
//!
//! Lanes run along a row of the output. A register tile is [`OUTPUTS`] output channels by a few vectors: each input
//! vector is loaded once for all outputs of the tile, and each weight is broadcast once for all its vectors. Vectors are
//! counted through the whole image, not by row, so that narrow images fill a tile as well.

use pulp::{Simd, WithSimd};

use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;
use crate::kernels::simd::load;

/// Output channels of one register tile.
pub(super) const OUTPUTS: usize = 4;

/// Packs weights in the order in which the kernel reads them: `[block of outputs][tap][output of the block]`.
///
/// `weight(output, tap)` returns one weight. The last block is padded with zeros.
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

/// Arguments of [`correlate`], for one image.
pub(super) struct Correlate<'a> {
    /// Zero-padded planes.
    pub(super) input: &'a [f32],
    /// Floats in `input` from one row of outputs to the next.
    pub(super) row_stride: usize,
    /// Offset of each tap from an output's own position.
    pub(super) taps: &'a [usize],
    /// Weights as packed by [`pack`].
    pub(super) weights: &'a [[f32; OUTPUTS]],
    /// Rows of the output.
    pub(super) height: usize,
    /// Columns of the output.
    pub(super) width: usize,
    /// `[output][height][width]`.
    pub(super) output: &'a mut [f32],
}

/// Overwrites the output with the sum over taps of weight times shifted input.
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
        // The accumulators, the input vectors and one weight have to fit into the registers.
        if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, 4>(simd);
        } else {
            self.tiles::<S, 2>(simd);
        }
    }
}

impl Correlate<'_> {
    /// Computes the output in tiles of `X` vectors.
    #[inline(always)]
    fn tiles<S: Simd, const X: usize>(self, simd: S) {
        let row_vectors = self.width.div_ceil(S::F32_LANES);
        let vectors = self.height * row_vectors;
        let plane = self.height * self.width;
        let reach = self.taps.iter().max().map_or(0, |tap| tap + MAX_LANES);
        let blocks = self.weights.chunks_exact(self.taps.len());
        for (weights, outputs) in blocks.zip(self.output.chunks_mut(OUTPUTS * plane)) {
            for first in (0..vectors).step_by(X) {
                // The last tile is filled up with copies of the last vector.
                let positions: [(usize, usize); X] = std::array::from_fn(|i| {
                    let v = (first + i).min(vectors - 1);
                    (v / row_vectors, v % row_vectors * S::F32_LANES)
                });
                let inputs =
                    positions.map(|(y, x)| &self.input[y * self.row_stride + x..][..reach]);
                let sums = tile::<S, X>(simd, inputs, self.taps, weights);
                for (sums, output) in sums.into_iter().zip(outputs.chunks_exact_mut(plane)) {
                    for (sum, (y, x)) in sums.into_iter().zip(positions) {
                        let count = S::F32_LANES.min(self.width - x);
                        let to = &mut output[y * self.width + x..][..count];
                        simd.partial_store_f32s(to, sum);
                    }
                }
            }
        }
    }
}

/// Returns the sums of one register tile, `[output][vector]`.
#[inline(always)]
fn tile<S: Simd, const X: usize>(
    simd: S,
    inputs: [&[f32]; X],
    taps: &[usize],
    weights: &[[f32; OUTPUTS]],
) -> [[S::f32s; X]; OUTPUTS] {
    let mut sums = [[simd.splat_f32s(0.0); X]; OUTPUTS];
    for (tap, weights) in taps.iter().zip(weights) {
        let values = inputs.map(|input| load::<S>(&input[*tap..]));
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = simd.splat_f32s(*weight);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_e_f32s(weight, value, *sum);
            }
        }
    }
    sums
}
