//! Products of pixels with weight matrices, summed over taps: the core of every convolution forward, and of its input
//! gradient.
//!
//! Lanes are output channels. A register tile is a few pixels by one or two blocks of outputs: each weight vector is
//! loaded once for all pixels, and each input channel is broadcast once for all outputs.

use pulp::Simd;

use super::channels::{Channels, LANES, Matrix};

/// Where a pixel of the input, and what belongs to it in the output, are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) input: usize,
    pub(super) output: usize,
}

/// Arguments of [`Product::run`].
pub(super) struct Product<'a> {
    pub(super) input: &'a [Channels],
    /// Offset of each tap (with a block of input channels) from an input position.
    pub(super) taps: &'a [usize],
    pub(super) positions: &'a [Position],
    /// `[output block][tap]`.
    pub(super) weights: &'a [Matrix],
    pub(super) output: &'a mut [Channels],
    /// Pixels of `output` from one block to the next.
    pub(super) output_plane: usize,
    /// Whether to add to the output instead of overwriting it.
    pub(super) adds: bool,
}

impl Product<'_> {
    /// Computes the output at all positions and in all blocks.
    #[inline(always)]
    pub(super) fn run<S: Simd, const V: usize>(mut self, simd: S) {
        let blocks = self.weights.len() / self.taps.len();
        let mut block = 0;
        // The accumulators, the weights and one input value have to fit into the registers.
        if V == 1 && S::REGISTER_COUNT >= 32 {
            while block + 2 <= blocks {
                self.blocks::<S, V, 2, 8, 4>(simd, block);
                block += 2;
            }
            if block < blocks {
                self.blocks::<S, V, 1, 16, 4>(simd, block);
            }
            return;
        }
        while block < blocks {
            match V {
                2 => self.blocks::<S, V, 1, 6, 4>(simd, block),
                _ => self.blocks::<S, V, 1, 2, 1>(simd, block),
            }
            block += 1;
        }
    }

    /// Computes `B` blocks of outputs from `block` on, in tiles of `T` positions, the rest in tiles of `R`.
    #[inline(always)]
    fn blocks<S: Simd, const V: usize, const B: usize, const T: usize, const R: usize>(
        &mut self,
        simd: S,
        block: usize,
    ) {
        let positions = self.positions;
        let (tiles, rest) = positions.as_chunks::<T>();
        for tile in tiles {
            self.tile::<S, V, B, T>(simd, block, tile);
        }
        let (tiles, rest) = rest.as_chunks::<R>();
        for tile in tiles {
            self.tile::<S, V, B, R>(simd, block, tile);
        }
        for position in rest {
            self.tile::<S, V, B, 1>(simd, block, &[*position]);
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const V: usize, const B: usize, const T: usize>(
        &mut self,
        simd: S,
        block: usize,
        positions: &[Position; T],
    ) {
        let mut sums = [[[simd.splat_f32s(0.0); V]; B]; T];
        for (i, tap) in self.taps.iter().enumerate() {
            let pixels = positions.map(|position| &self.input[position.input + tap].0);
            let mut matrices = [&self.weights[0]; B];
            for b in 0..B {
                matrices[b] = &self.weights[(block + b) * self.taps.len() + i];
            }
            for c in 0..LANES {
                let weights = matrices.map(|matrix| matrix[c].load::<S, V>(simd));
                for t in 0..T {
                    let value = simd.splat_f32s(pixels[t][c]);
                    for b in 0..B {
                        for v in 0..V {
                            sums[t][b][v] =
                                simd.mul_add_e_f32s(value, weights[b][v], sums[t][b][v]);
                        }
                    }
                }
            }
        }
        for t in 0..T {
            for b in 0..B {
                let at = (block + b) * self.output_plane + positions[t].output;
                let to = &mut self.output[at];
                if self.adds {
                    let old = to.load::<S, V>(simd);
                    for v in 0..V {
                        sums[t][b][v] = simd.add_f32s(old[v], sums[t][b][v]);
                    }
                }
                to.store::<S, V>(sums[t][b]);
            }
        }
    }
}
