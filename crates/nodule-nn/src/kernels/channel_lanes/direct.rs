//! Direct convolution with any stride, for what minimal filtering does not take: the strided filters, the 1x1 shortcuts
//! and the stem.

use pulp::Simd;

use super::channels::{Channels, Kernel, LANES, Matrix, dispatch, zero_matrix};
use super::convolution::Filter;
use super::map::Map;
use super::norm::OutputGradient;
use super::product::{Position, Product};
use super::weight_sums::PixelSums;

/// A convolution with packed weights. Its padding is half of the filter.
pub(super) struct Direct {
    filter: Filter,
    input: Map,
    output: Map,
    /// From the pixels of the input, with a border, to those of the output, dense.
    positions: Vec<Position>,
    /// From the pixels of the input to those of the output, both with borders.
    bordered_positions: Vec<Position>,
    taps: Vec<usize>,
    weights: Vec<Matrix>,
    /// Filters of the input gradient, one for each row and column phase of the stride that has taps.
    phases: Vec<Phase>,
}

struct Phase {
    /// From the pixels of the output to those of the input, both with borders.
    positions: Vec<Position>,
    taps: Vec<usize>,
    weights: Vec<Matrix>,
}

impl Direct {
    pub(super) fn new(filter: &Filter, input: Map, weight: &[f32], needs_input: bool) -> Self {
        let (stride, output) = (filter.stride, filter.output_map(&input));
        let corner = filter.kernel / 2 * (input.row_len() + 1);
        let mut positions = Vec::new();
        let mut bordered_positions = Vec::new();
        for (y, x) in pixels(output.height, output.width) {
            let from = input.bordered_position(0, stride * y, stride * x) - corner;
            let position = |output| Position {
                input: from,
                output,
            };
            positions.push(position(y * output.width + x));
            bordered_positions.push(position(output.bordered_position(0, y, x)));
        }
        let phases = pixels(stride, stride).filter(|_| needs_input);
        Self {
            taps: input_taps(filter, &input),
            weights: pack(filter, weight),
            phases: phases
                .map(|phase| Phase::new(filter, (&input, &output), phase, weight))
                .filter(|phase| !phase.taps.is_empty())
                .collect(),
            filter: *filter,
            input,
            output,
            positions,
            bordered_positions,
        }
    }

    /// Returns the pixels of the scratch buffer, which has to be zero at first.
    pub(super) fn scratch_len(&self) -> usize {
        self.output.bordered_len()
    }

    pub(super) fn zero_sums(&self) -> Vec<Matrix> {
        vec![zero_matrix(); self.weights.len()]
    }

    /// Returns the weight gradient `[o, c, k, k]` from its sums.
    pub(super) fn unpack(&self, sums: &[Matrix]) -> Vec<f32> {
        let filter = &self.filter;
        let (channels, area) = (filter.channels, filter.area());
        let mut gradient = vec![0.0; filter.outputs * channels * area];
        for (i, value) in gradient.iter_mut().enumerate() {
            let (output, channel, tap) = (i / (channels * area), i / area % channels, i % area);
            let matrix = (output / LANES * filter.input_blocks() + channel / LANES) * area + tap;
            *value = sums[matrix][channel % LANES].0[output % LANES];
        }
        gradient
    }

    pub(super) fn forward(&self, x: &[Channels], output: &mut [Channels]) {
        dispatch(Forward {
            direct: self,
            x,
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
        dispatch(Backward {
            direct: self,
            x,
            gradient,
            scratch,
            sums,
            input_gradient,
        });
    }
}

fn pixels(height: usize, width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).flat_map(move |y| (0..width).map(move |x| (y, x)))
}

/// Returns the offset of each block of input channels and each tap from the first tap of the first block.
fn input_taps(filter: &Filter, input: &Map) -> Vec<usize> {
    let offset = |block, y, x| block * input.plane_len() + y * input.row_len() + x;
    let taps = |block| pixels(filter.kernel, filter.kernel).map(move |(y, x)| offset(block, y, x));
    (0..input.blocks()).flat_map(taps).collect()
}

/// Returns `weight` `[o, c, k, k]` as matrices, `[output block][input block][tap]`.
fn pack(filter: &Filter, weight: &[f32]) -> Vec<Matrix> {
    let mut matrices = Vec::new();
    for (output_block, input_block) in pixels(filter.output_blocks(), filter.input_blocks()) {
        for tap in 0..filter.area() {
            matrices.push(std::array::from_fn(|c| {
                Channels(std::array::from_fn(|o| {
                    let (o, c) = (output_block * LANES + o, input_block * LANES + c);
                    filter.weight(weight, o, c, tap)
                }))
            }));
        }
    }
    matrices
}

impl Phase {
    /// Returns the filters of input rows `y`, `y + stride`, ... and columns `x`, `x + stride`, ...
    ///
    /// Tap `ky` takes input row `y + m stride` to output row `(y + m stride + padding - ky) / stride`, if that has no
    /// remainder: output row `m + (y + padding - ky) / stride`, which is -1 at least.
    fn new(
        filter: &Filter,
        (input, output): (&Map, &Map),
        (y, x): (usize, usize),
        weight: &[f32],
    ) -> Self {
        let Filter { kernel, stride, .. } = *filter;
        let row_from = |first: usize, tap: usize| {
            let shifted = first + kernel / 2 + stride - tap;
            shifted.is_multiple_of(stride).then_some(shifted / stride)
        };
        let spatial: Vec<_> = pixels(kernel, kernel)
            .filter_map(|(ky, kx)| Some((ky, kx, row_from(y, ky)?, row_from(x, kx)?)))
            .collect();
        let blocks = output.blocks();
        let taps = (0..blocks).flat_map(|block| {
            let plane = block * output.plane_len();
            let offsets = spatial.iter();
            offsets.map(move |(_, _, dy, dx)| plane + dy * output.row_len() + dx)
        });
        let mut weights = Vec::new();
        for input_block in 0..input.blocks() {
            for output_block in 0..blocks {
                for (ky, kx, ..) in &spatial {
                    weights.push(std::array::from_fn(|o| {
                        Channels(std::array::from_fn(|c| {
                            let (o, c) = (output_block * LANES + o, input_block * LANES + c);
                            filter.weight(weight, o, c, ky * kernel + kx)
                        }))
                    }));
                }
            }
        }
        let rows = (input.height.saturating_sub(y)).div_ceil(stride);
        let columns = (input.width.saturating_sub(x)).div_ceil(stride);
        let positions = pixels(rows, columns).map(|(my, mx)| Position {
            input: my * output.row_len() + mx,
            output: input.bordered_position(0, y + stride * my, x + stride * mx),
        });
        Self {
            positions: positions.collect(),
            taps: taps.collect(),
            weights,
        }
    }
}

struct Forward<'a> {
    direct: &'a Direct,
    x: &'a [Channels],
    output: &'a mut [Channels],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let product = Product {
            input: self.x,
            taps: &self.direct.taps,
            positions: &self.direct.positions,
            weights: &self.direct.weights,
            output: self.output,
            output_plane: self.direct.output.pixels(),
            adds: false,
        };
        product.run::<S, V>(simd);
    }
}

struct Backward<'a> {
    direct: &'a Direct,
    x: &'a [Channels],
    gradient: &'a OutputGradient<'a>,
    scratch: &'a mut [Channels],
    sums: &'a mut [Matrix],
    input_gradient: Option<&'a mut [Channels]>,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let (direct, map) = (self.direct, &self.gradient.map);
        for block in 0..map.blocks() {
            for y in 0..map.height {
                for x in 0..map.width {
                    let mut pixel = [simd.splat_f32s(0.0); V];
                    for v in 0..V {
                        pixel[v] = self.gradient.vector(simd, (block, y, x), v);
                    }
                    self.scratch[map.bordered_position(block, y, x)].store::<S, V>(pixel);
                }
            }
        }
        let sums = PixelSums {
            input: self.x,
            taps: &direct.taps,
            positions: &direct.bordered_positions,
            gradient: self.scratch,
            gradient_plane: map.plane_len(),
            sums: self.sums,
        };
        sums.run::<S, V>(simd);
        let Some(input_gradient) = self.input_gradient else {
            return;
        };
        for phase in &direct.phases {
            let product = Product {
                input: self.scratch,
                taps: &phase.taps,
                positions: &phase.positions,
                weights: &phase.weights,
                output: input_gradient,
                output_plane: direct.input.plane_len(),
                adds: true,
            };
            product.run::<S, V>(simd);
        }
    }
}
