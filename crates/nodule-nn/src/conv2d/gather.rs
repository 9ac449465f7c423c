//! A weight's gradient: the sum over pixels of the output's gradient times the input under its tap.
//!
//! A tile is four outputs by four taps: sixteen sums stay in registers, fed by eight loads a vector of
//! pixels. Lanes are added up at the end of a band of rows, so their number decides the rounding.

use pulp::{Simd, WithSimd};

use super::planes::WIDEST;
use crate::arch::arch;
use crate::simd::load;

/// Outputs, and taps, of one tile.
const TILE: usize = 4;

/// Floats of one output's gradient that are worked on together: four of them fit into the first cache
/// beside the input.
const BAND: usize = 2048;

pub(super) struct Gather<'a> {
    /// The input, planes with a border.
    pub(super) input: &'a [f32],
    /// Floats from a row of outputs to the next, in `input`.
    pub(super) step: usize,
    /// Where taps are, seen from an output's own place.
    pub(super) taps: &'a [usize],
    /// The output's gradient from its first pixel on, planes with a border of zeros: what a vector reads
    /// beyond a row is zero.
    pub(super) gradient: &'a [f32],
    pub(super) gradient_plane: usize,
    pub(super) gradient_row: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    /// `[output][tap]`: added to.
    pub(super) sums: &'a mut [f32],
}

pub(super) fn gather(task: Gather) {
    arch().dispatch(task);
}

impl WithSimd for Gather<'_> {
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

impl Gather<'_> {
    /// The sums of a tile over a band of rows, lane by lane. Outputs and taps that are not there are the
    /// last one again.
    #[inline(always)]
    fn tile<S: Simd>(
        &self,
        simd: S,
        (output, outputs): (usize, usize),
        tap: usize,
        band: std::ops::Range<usize>,
    ) -> [[S::f32s; TILE]; TILE] {
        let padded = self.width.next_multiple_of(WIDEST);
        let planes: [usize; TILE] =
            std::array::from_fn(|i| (output + i).min(outputs - 1) * self.gradient_plane);
        let taps: [usize; TILE] =
            std::array::from_fn(|i| self.taps[(tap + i).min(self.taps.len() - 1)]);
        let mut sums = [[simd.splat_f32s(0.0); TILE]; TILE];
        for y in band {
            let gradients = planes.map(|p| &self.gradient[p + y * self.gradient_row..][..padded]);
            let inputs = taps.map(|tap| &self.input[y * self.step + tap..][..padded]);
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
