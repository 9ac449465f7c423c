//! Minimal filtering (Winograd 1980; Lavin & Gray 2016), F(4x4, 3x3), for filters of stride 1: 36 products for the 16
//! outputs of a tile and channel instead of 144.
//!
//! Forward, the tiles of the input are transformed, multiplied point by point with the transformed filters and summed
//! over channels, and transformed back. The backward pass is the transpose of these steps, so both gradients share the
//! transformed output gradient, and the weight gradient is transformed back only once for many images.

use super::channels::{Channels, LANES, Matrix, dispatch, zero_matrix};
use super::convolution::Filter;
use super::map::{Map, TILE};
use super::norm::OutputGradient;
use super::transforms::{FILTER, POINTS};
use super::winograd_passes::{Backward, Forward};

/// Products of a tile.
pub(super) const ELEMENTS: usize = POINTS * POINTS;
/// Tiles that are transformed and multiplied together.
pub(super) const CHUNK: usize = 16;
/// A 3x3 convolution of stride 1 with transformed filters.
pub(super) struct Winograd {
    pub(super) filter: Filter,
    /// Sizes of the input and, but for the channels, of the output.
    pub(super) input: Map,
    /// `[element][output block][input block]`.
    pub(super) forward: Vec<Matrix>,
    /// `[element][input block][output block]`, transposed.
    pub(super) backward: Vec<Matrix>,
}

impl Winograd {
    /// Transforms `weight` `[o, c, 3, 3]`.
    pub(super) fn new(filter: &Filter, input: Map, weight: &[f32]) -> Self {
        let (outputs, inputs) = (filter.output_blocks(), filter.input_blocks());
        let zeros = || vec![zero_matrix(); ELEMENTS * outputs * inputs];
        let (mut forward, mut backward) = (zeros(), zeros());
        let (filters, _) = weight.as_chunks::<9>();
        for (i, values) in filters.iter().enumerate() {
            let (o, c) = (i / filter.channels, i % filter.channels);
            let (ob, cb) = (o / LANES, c / LANES);
            for (e, value) in transform_filter(values).into_iter().enumerate() {
                let matrix = (e * outputs + ob) * inputs + cb;
                forward[matrix][c % LANES].0[o % LANES] = value;
                let matrix = (e * inputs + cb) * outputs + ob;
                backward[matrix][o % LANES].0[c % LANES] = value;
            }
        }
        Self {
            filter: *filter,
            input,
            forward,
            backward,
        }
    }

    /// Returns the pixels of the scratch buffer.
    pub(super) fn scratch_len(&self) -> usize {
        ELEMENTS * (self.input_stride() + self.output_stride())
    }

    pub(super) fn zero_sums(&self) -> Vec<Matrix> {
        vec![zero_matrix(); self.forward.len()]
    }

    /// Returns the weight gradient `[o, c, 3, 3]` from its sums.
    pub(super) fn unpack(&self, sums: &[Matrix]) -> Vec<f32> {
        let filter = &self.filter;
        let (outputs, inputs) = (filter.output_blocks(), filter.input_blocks());
        let mut gradient = vec![0.0; filter.outputs * filter.channels * 9];
        for c in 0..filter.channels {
            for ob in 0..outputs {
                let tile = std::array::from_fn(|e| {
                    &sums[(e * outputs + ob) * inputs + c / LANES][c % LANES]
                });
                let taps = transform_sums(tile);
                for o in ob * LANES..filter.outputs.min((ob + 1) * LANES) {
                    let to = &mut gradient[(o * filter.channels + c) * 9..][..9];
                    for (to, tap) in to.iter_mut().zip(&taps) {
                        *to = tap.0[o % LANES];
                    }
                }
            }
        }
        gradient
    }

    pub(super) fn forward(
        &self,
        x: &[Channels],
        scratch: &mut [Channels],
        output: &mut [Channels],
    ) {
        let (inputs, outputs) = scratch.split_at_mut(ELEMENTS * self.input_stride());
        dispatch(Forward {
            winograd: self,
            x,
            inputs,
            outputs,
            output,
        });
    }

    pub(super) fn backward(
        &self,
        x: &[Channels],
        gradient: &OutputGradient,
        scratch: &mut [Channels],
        sums: &mut [Matrix],
        input_gradient: Option<&mut [Channels]>,
    ) {
        let (inputs, outputs) = scratch.split_at_mut(ELEMENTS * self.input_stride());
        dispatch(Backward {
            winograd: self,
            x,
            gradient,
            inputs,
            outputs,
            sums,
            input_gradient,
        });
    }

    /// Pixels from one element of transformed input tiles `[element][block][tile]` to the next. One more than they need,
    /// so that the elements of a tile do not fall into the same sets of the cache.
    pub(super) fn input_stride(&self) -> usize {
        self.filter.input_blocks() * CHUNK + 1
    }

    /// As [`Self::input_stride`], of output tiles.
    pub(super) fn output_stride(&self) -> usize {
        self.filter.output_blocks() * CHUNK + 1
    }

    fn tile_columns(&self) -> usize {
        self.input.width.div_ceil(TILE)
    }

    pub(super) fn tiles(&self) -> usize {
        self.tile_columns() * self.input.height.div_ceil(TILE)
    }

    /// First pixel of a tile.
    pub(super) fn tile_position(&self, tile: usize) -> (usize, usize) {
        let columns = self.tile_columns();
        (tile / columns * TILE, tile % columns * TILE)
    }
}

/// Returns G g G^T for a filter g.
fn transform_filter(filter: &[f32; 9]) -> [f32; ELEMENTS] {
    std::array::from_fn(|e| {
        let (rows, columns) = (FILTER[e / POINTS], FILTER[e % POINTS]);
        let terms = filter.iter().enumerate();
        let sum: f64 = terms
            .map(|(i, value)| rows[i / 3] * columns[i % 3] * f64::from(*value))
            .sum();
        sum as f32
    })
}

/// Returns G^T m G for a tile m of sums.
fn transform_sums(tile: [&Channels; ELEMENTS]) -> [Channels; 9] {
    let mut rows = [[Channels::ZERO; POINTS]; 3];
    for (e, element) in tile.into_iter().enumerate() {
        for (i, row) in rows.iter_mut().enumerate() {
            add_scaled(&mut row[e % POINTS], FILTER[e / POINTS][i], element);
        }
    }
    let mut taps = [Channels::ZERO; 9];
    for (i, tap) in taps.iter_mut().enumerate() {
        for (j, element) in rows[i / 3].iter().enumerate() {
            add_scaled(tap, FILTER[j][i % 3], element);
        }
    }
    taps
}

fn add_scaled(sum: &mut Channels, factor: f64, value: &Channels) {
    let values = sum.0.iter_mut().zip(value.0);
    values.for_each(|(s, v)| *s += factor as f32 * v);
}
