//! Weight gradient of the general convolution (any stride and padding): the sum over pixels of the output gradient times the input under each tap.
//!
//! Lanes run along a row of the output. A register tile is four outputs by four taps: its sixteen accumulators stay in
//! registers, fed by eight loads for each vector of pixels. Lanes are added up at the end of a band of rows, so the
//! vector width decides the rounding.

use pulp::{Simd, WithSimd};

use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;
use crate::kernels::simd::load;

/// Output channels and taps of one register tile.
const TILE: usize = 4;

/// Floats of one output's gradient in a band of rows. The bands of a tile's four outputs fit into the L1 cache beside
/// the input.
const BAND: usize = 2048;

/// Arguments of [`weight_gradient`], for one image.
pub(super) struct WeightGradient<'a> {
    /// The input, zero-padded planes.
    pub(super) input: &'a [f32],
    /// Floats in `input` from one row of outputs to the next.
    pub(super) row_stride: usize,
    /// Offset of each tap from an output's own position.
    pub(super) taps: &'a [usize],
    /// The output gradient from its first pixel on, in zero-padded planes: values read past the end of a row are zero.
    pub(super) gradient: &'a [f32],
    /// Floats from one plane of `gradient` to the next.
    pub(super) gradient_plane: usize,
    /// Floats from one row of `gradient` to the next.
    pub(super) gradient_row: usize,
    /// Rows of the output.
    pub(super) height: usize,
    /// Columns of the output.
    pub(super) width: usize,
    /// Accumulated weight gradient, `[output][tap]`.
    pub(super) sums: &'a mut [f32],
}

/// Adds the weight gradient of one image to `sums`.
pub(super) fn weight_gradient(task: WeightGradient) {
    arch().dispatch(task);
}

impl WithSimd for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (taps, outputs) = (self.taps.len(), self.sums.len() / self.taps.len());
        let rows = (BAND / self.width).clamp(1, self.height);
        for output in (0..outputs).step_by(TILE) {
            for band in (0..self.height).step_by(rows) {
                let band = band..(band + rows).min(self.height);
                for tap in (0..taps).step_by(TILE) {
                    let tile = self.tile::<S>(simd, (output, outputs), tap, band.clone());
                    for (i, tile) in tile.into_iter().enumerate().take(outputs - output) {
                        let sums =
                            &mut self.sums[(output + i) * taps + tap..(output + i + 1) * taps];
                        for (sum, lanes) in sums.iter_mut().zip(tile) {
                            *sum += simd.reduce_sum_f32s(lanes);
                        }
                    }
                }
            }
        }
    }
}

impl WeightGradient<'_> {
    /// Returns the sums of one tile over a band of rows, lane by lane. Tiles at the end are filled up with copies of the
    /// last output and the last tap.
    #[inline(always)]
    fn tile<S: Simd>(
        &self,
        simd: S,
        (output, outputs): (usize, usize),
        tap: usize,
        band: std::ops::Range<usize>,
    ) -> [[S::f32s; TILE]; TILE] {
        let padded = self.width.next_multiple_of(MAX_LANES);
        let planes: [usize; TILE] =
            std::array::from_fn(|i| (output + i).min(outputs - 1) * self.gradient_plane);
        let taps: [usize; TILE] =
            std::array::from_fn(|i| self.taps[(tap + i).min(self.taps.len() - 1)]);
        let mut sums = [[simd.splat_f32s(0.0); TILE]; TILE];
        for y in band {
            let gradients = planes.map(|p| &self.gradient[p + y * self.gradient_row..][..padded]);
            let inputs = taps.map(|tap| &self.input[y * self.row_stride + tap..][..padded]);
            for x in (0..self.width).step_by(S::F32_LANES) {
                let values = inputs.map(|input| load::<S>(&input[x..]));
                for (sums, gradient) in sums.iter_mut().zip(gradients) {
                    let gradient = load::<S>(&gradient[x..]);
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = simd.mul_add_e_f32s(gradient, value, *sum);
                    }
                }
            }
        }
        sums
    }
}
