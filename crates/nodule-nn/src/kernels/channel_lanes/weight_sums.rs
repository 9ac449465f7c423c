//! Sums over pixels of input times output gradient: the weight gradient of every convolution.
//!
//! Lanes are output channels. A register tile is up to sixteen input channels by one block of outputs.

use pulp::Simd;

use super::channels::{Channels, Matrix};
use super::product::Position;

/// Positions of one pass over all taps: their pixels stay in the first cache.
const BAND: usize = 128;

/// Arguments of [`PixelSums::run`].
pub(super) struct PixelSums<'a> {
    pub(super) input: &'a [Channels],
    /// Offset of each tap (with a block of input channels) from an input position.
    pub(super) taps: &'a [usize],
    pub(super) positions: &'a [Position],
    pub(super) gradient: &'a [Channels],
    /// Pixels of `gradient` from one block to the next.
    pub(super) gradient_plane: usize,
    /// `[output block][tap]`.
    pub(super) sums: &'a mut [Matrix],
}

impl PixelSums<'_> {
    /// Adds the sums over all positions.
    #[inline(always)]
    pub(super) fn run<S: Simd, const V: usize>(mut self, simd: S) {
        let positions = self.positions;
        for band in positions.chunks(BAND) {
            for i in 0..self.sums.len() {
                match V {
                    1 => self.tile::<S, V, 16>(simd, i, 0, band),
                    2 => {
                        self.tile::<S, V, 6>(simd, i, 0, band);
                        self.tile::<S, V, 6>(simd, i, 6, band);
                        self.tile::<S, V, 4>(simd, i, 12, band);
                    }
                    _ => (0..8).for_each(|c| self.tile::<S, V, 2>(simd, i, 2 * c, band)),
                }
            }
        }
    }

    /// Adds to rows `first` to `first + N` of matrix `i`.
    #[inline(always)]
    fn tile<S: Simd, const V: usize, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        first: usize,
        band: &[Position],
    ) {
        let (block, tap) = (i / self.taps.len(), self.taps[i % self.taps.len()]);
        let gradient = &self.gradient[block * self.gradient_plane..];
        let input = &self.input[tap..];
        let mut sums = [[simd.splat_f32s(0.0); V]; N];
        for position in band {
            let gradient = gradient[position.output].load::<S, V>(simd);
            let values = &input[position.input].0[first..first + N];
            for n in 0..N {
                let value = simd.splat_f32s(values[n]);
                for v in 0..V {
                    sums[n][v] = simd.mul_add_e_f32s(value, gradient[v], sums[n][v]);
                }
            }
        }
        for n in 0..N {
            let to = &mut self.sums[i][first + n];
            let old = to.load::<S, V>(simd);
            for v in 0..V {
                sums[n][v] = simd.add_f32s(old[v], sums[n][v]);
            }
            to.store::<S, V>(sums[n]);
        }
    }
}
