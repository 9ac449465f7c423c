//! Passes of minimal filtering over one image: forward, and both gradients. A few tiles at a time are transformed,
//! multiplied and transformed back while they are in the cache.

use pulp::Simd;

use super::channels::{Channels, Kernel, Matrix};
use super::map::{Map, TILE};
use super::norm::OutputGradient;
use super::product::{Position, Product};
use super::transforms::{Input, InputTranspose, Output, OutputTranspose, POINTS, transform};
use super::weight_sums::PixelSums;
use super::winograd::{CHUNK, ELEMENTS, Winograd};

/// Positions of the tiles of a chunk in transformed tiles.
const POSITIONS: [Position; CHUNK] = {
    let mut positions = [Position {
        input: 0,
        output: 0,
    }; CHUNK];
    let mut i = 0;
    while i < CHUNK {
        positions[i] = Position {
            input: i,
            output: i,
        };
        i += 1;
    }
    positions
};

pub(super) struct Forward<'a> {
    pub(super) winograd: &'a Winograd,
    pub(super) x: &'a [Channels],
    /// Transformed tiles of the input, `[element][block][tile]`.
    pub(super) inputs: &'a mut [Channels],
    /// Transformed tiles of the output.
    pub(super) outputs: &'a mut [Channels],
    pub(super) output: &'a mut [Channels],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(mut self, simd: S) {
        let winograd = self.winograd;
        let taps: Vec<usize> = (0..winograd.filter.input_blocks())
            .map(|b| b * CHUNK)
            .collect();
        let matrices = winograd.forward.len() / ELEMENTS;
        for first in (0..winograd.tiles()).step_by(CHUNK) {
            let count = CHUNK.min(winograd.tiles() - first);
            winograd.transform_inputs::<S, V>(simd, self.x, (first, count), self.inputs);
            for e in 0..ELEMENTS {
                let product = Product {
                    input: &self.inputs[e * winograd.input_stride()..],
                    taps: &taps,
                    positions: &POSITIONS[..count],
                    weights: &winograd.forward[e * matrices..][..matrices],
                    output: &mut self.outputs[e * winograd.output_stride()..],
                    output_plane: CHUNK,
                    adds: false,
                };
                product.run::<S, V>(simd);
            }
            self.transform_outputs::<S, V>(simd, first, count);
        }
    }
}

impl Forward<'_> {
    /// Writes the pixels of the output tiles `first` to `first + count`.
    #[inline(always)]
    fn transform_outputs<S: Simd, const V: usize>(&mut self, simd: S, first: usize, count: usize) {
        let Map { height, width, .. } = self.winograd.input;
        for block in 0..self.winograd.filter.output_blocks() {
            for t in 0..count {
                let (y, x) = self.winograd.tile_position(first + t);
                let (rows, columns) = (TILE.min(height - y), TILE.min(width - x));
                let outputs = &self.outputs[block * CHUNK + t..];
                for v in 0..V {
                    let tile = load_tile(simd, outputs, self.winograd.output_stride(), v);
                    let tile = transform::<Output, S, POINTS, TILE>(simd, tile);
                    for i in 0..TILE {
                        if i < rows {
                            let start = (block * height + y + i) * width + x;
                            let to = &mut self.output[start..][..columns];
                            for j in 0..TILE {
                                if j < columns {
                                    *to[j].vector_mut::<S>(v) = tile[i][j];
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) struct Backward<'a> {
    pub(super) winograd: &'a Winograd,
    pub(super) x: &'a [Channels],
    pub(super) gradient: &'a OutputGradient<'a>,
    /// Transformed tiles of the input, then of its gradient.
    pub(super) inputs: &'a mut [Channels],
    /// Transformed tiles of the output gradient.
    pub(super) outputs: &'a mut [Channels],
    pub(super) sums: &'a mut [Matrix],
    pub(super) input_gradient: Option<&'a mut [Channels]>,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(mut self, simd: S) {
        let winograd = self.winograd;
        let taps = |blocks: usize| (0..blocks).map(|b| b * CHUNK).collect::<Vec<_>>();
        let input_taps = taps(winograd.filter.input_blocks());
        let output_taps = taps(winograd.filter.output_blocks());
        let matrices = winograd.forward.len() / ELEMENTS;
        for first in (0..winograd.tiles()).step_by(CHUNK) {
            let count = CHUNK.min(winograd.tiles() - first);
            winograd.transform_inputs::<S, V>(simd, self.x, (first, count), self.inputs);
            self.transform_gradients::<S, V>(simd, first, count);
            for e in 0..ELEMENTS {
                let inputs = &mut self.inputs[e * winograd.input_stride()..];
                let outputs = &self.outputs[e * winograd.output_stride()..];
                let sums = PixelSums {
                    input: inputs,
                    taps: &input_taps,
                    positions: &POSITIONS[..count],
                    gradient: outputs,
                    gradient_plane: CHUNK,
                    sums: &mut self.sums[e * matrices..][..matrices],
                };
                sums.run::<S, V>(simd);
                if self.input_gradient.is_some() {
                    let product = Product {
                        input: outputs,
                        taps: &output_taps,
                        positions: &POSITIONS[..count],
                        weights: &winograd.backward[e * matrices..][..matrices],
                        output: inputs,
                        output_plane: CHUNK,
                        adds: false,
                    };
                    product.run::<S, V>(simd);
                }
            }
            self.add_input_gradients::<S, V>(simd, first, count);
        }
    }
}

impl Backward<'_> {
    /// Transforms the tiles `first` to `first + count` of the output gradient.
    #[inline(always)]
    fn transform_gradients<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        first: usize,
        count: usize,
    ) {
        let Map { height, width, .. } = self.winograd.input;
        for block in 0..self.winograd.filter.output_blocks() {
            for t in 0..count {
                let (y, x) = self.winograd.tile_position(first + t);
                let (rows, columns) = (TILE.min(height - y), TILE.min(width - x));
                for v in 0..V {
                    let mut tile = [[simd.splat_f32s(0.0); TILE]; TILE];
                    for i in 0..TILE {
                        for j in 0..TILE {
                            if i < rows && j < columns {
                                tile[i][j] = self.gradient.vector(simd, (block, y + i, x + j), v);
                            }
                        }
                    }
                    let tile = transform::<OutputTranspose, S, TILE, POINTS>(simd, tile);
                    let outputs = &mut self.outputs[block * CHUNK + t..];
                    store_tile::<S>(tile, outputs, self.winograd.output_stride(), v);
                }
            }
        }
    }

    /// Adds the tiles `first` to `first + count` of the input gradient, which overlap.
    #[inline(always)]
    fn add_input_gradients<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        first: usize,
        count: usize,
    ) {
        let Some(input_gradient) = &mut self.input_gradient else {
            return;
        };
        let map = &self.winograd.input;
        for block in 0..map.blocks() {
            for t in 0..count {
                let (y, x) = self.winograd.tile_position(first + t);
                let start = block * map.plane_len() + y * map.row_len() + x;
                let inputs = &self.inputs[block * CHUNK + t..];
                for v in 0..V {
                    let tile = load_tile(simd, inputs, self.winograd.input_stride(), v);
                    let tile = transform::<InputTranspose, S, POINTS, POINTS>(simd, tile);
                    for i in 0..POINTS {
                        let to = &mut input_gradient[start + i * map.row_len()..][..POINTS];
                        for j in 0..POINTS {
                            let to = to[j].vector_mut::<S>(v);
                            *to = simd.add_f32s(*to, tile[i][j]);
                        }
                    }
                }
            }
        }
    }
}

impl Winograd {
    /// Transforms the input tiles `first` to `first + count`.
    #[inline(always)]
    fn transform_inputs<S: Simd, const V: usize>(
        &self,
        simd: S,
        x: &[Channels],
        (first, count): (usize, usize),
        inputs: &mut [Channels],
    ) {
        let (row_len, stride) = (self.input.row_len(), self.input_stride());
        for block in 0..self.filter.input_blocks() {
            for t in 0..count {
                let (y, column) = self.tile_position(first + t);
                let start = block * self.input.plane_len() + y * row_len + column;
                for v in 0..V {
                    let mut tile = [[simd.splat_f32s(0.0); POINTS]; POINTS];
                    for i in 0..POINTS {
                        let row = &x[start + i * row_len..][..POINTS];
                        for j in 0..POINTS {
                            tile[i][j] = row[j].vector::<S>(v);
                        }
                    }
                    let tile = transform::<Input, S, POINTS, POINTS>(simd, tile);
                    store_tile::<S>(tile, &mut inputs[block * CHUNK + t..], stride, v);
                }
            }
        }
    }
}

/// Stores vector `v` of a transformed tile.
#[inline(always)]
fn store_tile<S: Simd>(
    tile: [[S::f32s; POINTS]; POINTS],
    to: &mut [Channels],
    stride: usize,
    v: usize,
) {
    for i in 0..POINTS {
        for j in 0..POINTS {
            *to[(i * POINTS + j) * stride].vector_mut::<S>(v) = tile[i][j];
        }
    }
}

/// Returns vector `v` of a transformed tile.
#[inline(always)]
fn load_tile<S: Simd>(
    simd: S,
    from: &[Channels],
    stride: usize,
    v: usize,
) -> [[S::f32s; POINTS]; POINTS] {
    let mut tile = [[simd.splat_f32s(0.0); POINTS]; POINTS];
    for i in 0..POINTS {
        for j in 0..POINTS {
            tile[i][j] = from[(i * POINTS + j) * stride].vector::<S>(v);
        }
    }
    tile
}
