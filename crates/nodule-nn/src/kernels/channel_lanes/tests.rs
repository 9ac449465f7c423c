//! Convolution and normalisation with channels as lanes against their definitions in `f64`, against the kernels on planes,
//! and against finite differences.

use nodule_seed::stream;

use super::*;
use crate::kernels::conv2d::{Convolution, Geometry};
use crate::kernels::group_norm::{self, Norm};

/// Channels, outputs, height, width, kernel, stride.
const CASES: [[usize; 6]; 12] = [
    [16, 16, 64, 64, 3, 1],
    [32, 32, 32, 32, 3, 1],
    [64, 64, 16, 16, 3, 1],
    [5, 18, 7, 13, 3, 1],
    [17, 3, 10, 9, 3, 1],
    [33, 48, 2, 21, 3, 1],
    [2, 20, 1, 3, 3, 1],
    [16, 32, 64, 64, 3, 2],
    [20, 5, 11, 14, 3, 2],
    [33, 40, 9, 8, 1, 2],
    [9, 16, 13, 13, 1, 1],
    [4, 50, 8, 10, 3, 3],
];

/// Allowed error relative to the largest value: 30 units in the last place for minimal filtering.
const WINOGRAD_TOLERANCE: f64 = 4e-6;
const DIRECT_TOLERANCE: f64 = 1e-6;

struct Case {
    filter: Filter,
    input: Map,
    output: Map,
    x: Vec<f32>,
    weight: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn new([channels, outputs, height, width, kernel, stride]: [usize; 6]) -> Self {
        let filter = Filter {
            channels,
            outputs,
            kernel,
            stride,
        };
        let input = Map::new(channels, height, width);
        let output = filter.output_map(&input);
        Self {
            x: normal(1, channels * input.pixels()),
            weight: normal(2, outputs * channels * kernel * kernel),
            gradient: normal(3, outputs * output.pixels()),
            filter,
            input,
            output,
        }
    }

    fn convolution(&self) -> ChannelConvolution {
        ChannelConvolution::new(&self.filter, self.input, &self.weight, true)
    }

    fn tolerance(&self) -> f64 {
        match (self.filter.kernel, self.filter.stride) {
            (3, 1) => WINOGRAD_TOLERANCE,
            _ => DIRECT_TOLERANCE,
        }
    }

    fn geometry(&self) -> Geometry {
        let Filter {
            channels: c,
            outputs,
            kernel: k,
            stride,
        } = self.filter;
        let x = [1, c, self.input.height, self.input.width];
        Geometry::new(x, [outputs, c, k, k], stride, k / 2).unwrap()
    }

    /// Returns the output, the weight gradient and the input gradient, which is added to ones.
    fn run(&self) -> [Vec<f32>; 3] {
        let convolution = self.convolution();
        let mut scratch = convolution.scratch();
        let x = add_border(&self.input, &self.x);
        let mut convolved = vec![Channels::ZERO; self.output.dense_len()];
        convolution.forward(&x, &mut scratch, &mut convolved);
        let gradient = add_border(&self.output, &self.gradient);
        let gradient = norm::OutputGradient::plain(self.output, &gradient, &convolved);
        let ones = vec![1.0; self.x.len()];
        let mut x_gradient = add_border(&self.input, &ones);
        let mut sums = convolution.zero_sums();
        let buffers = (scratch.as_mut_slice(), &mut sums);
        convolution.backward(&x, &gradient, buffers, Some(&mut x_gradient));
        [
            plain(&self.output, |row| &convolved[row.dense..]),
            convolution.unpack(&sums),
            plain(&self.input, |row| &x_gradient[row.bordered..]),
        ]
    }

    /// Returns the same in `f64`, by the definition.
    fn compute_expected(&self) -> [Vec<f64>; 3] {
        let Filter {
            channels,
            outputs,
            kernel,
            stride,
        } = self.filter;
        let mut y = vec![0.0; self.gradient.len()];
        let mut weight_gradient = vec![0.0; self.weight.len()];
        let mut x_gradient = vec![1.0; self.x.len()];
        let Map { height, width, .. } = self.output;
        for (i, y) in y.iter_mut().enumerate() {
            let (o, row, column) = (i / (height * width), i / width % height, i % width);
            for tap in 0..channels * kernel * kernel {
                let (c, ky, kx) = (tap / (kernel * kernel), tap / kernel % kernel, tap % kernel);
                let shift = |at: usize, k: usize, size: usize| {
                    let at = (at * stride + k).checked_sub(kernel / 2)?;
                    (at < size).then_some(at)
                };
                let row = shift(row, ky, self.input.height);
                let (Some(row), Some(column)) = (row, shift(column, kx, self.input.width)) else {
                    continue;
                };
                let pixel = (c * self.input.height + row) * self.input.width + column;
                let weight = o * channels * kernel * kernel + tap;
                let [x, w, g] =
                    [self.x[pixel], self.weight[weight], self.gradient[i]].map(f64::from);
                *y += x * w;
                weight_gradient[weight] += x * g;
                x_gradient[pixel] += w * g;
            }
        }
        assert_eq!(y.len(), outputs * height * width);
        [y, weight_gradient, x_gradient]
    }
}

fn normal(seed: u64, count: usize) -> Vec<f32> {
    let mut random = stream(seed);
    (0..count).map(|_| random.normal() as f32).collect()
}

/// Returns planes `[c][height][width]` as a map with a border.
fn add_border(map: &Map, values: &[f32]) -> Vec<Channels> {
    let mut pixels = vec![Channels::ZERO; map.bordered_len()];
    for (i, value) in values.iter().enumerate() {
        let (c, y, x) = (i / map.pixels(), i / map.width % map.height, i % map.width);
        pixels[map.bordered_position(c / LANES, y, x)].0[c % LANES] = *value;
    }
    pixels
}

/// Returns the planes `[c][height][width]` of a map, given the pixels from the start of a row on.
fn plain<'a>(map: &Map, pixels_from: impl Fn(map::Row) -> &'a [Channels]) -> Vec<f32> {
    let mut values = vec![0.0; map.channels * map.pixels()];
    for (i, row) in map.rows().enumerate() {
        for (x, pixel) in pixels_from(row)[..map.width].iter().enumerate() {
            for (lane, value) in pixel.0.iter().enumerate() {
                match row.block * LANES + lane {
                    c if c < map.channels => {
                        values[(c * map.height + i % map.height) * map.width + x] = *value;
                    }
                    _ => assert_eq!(*value, 0.0, "missing channels are zero"),
                }
            }
        }
    }
    values
}

/// Returns the largest difference relative to the largest expected value.
fn error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let pairs = found.iter().zip(expected);
    let largest = pairs.fold(0.0f64, |m, (f, e)| m.max((f64::from(*f) - e).abs()));
    largest / scale
}

#[test]
fn convolutions_match_the_definition() {
    for sizes in CASES {
        let case = Case::new(sizes);
        let found = case.run();
        for (what, (found, expected)) in ["y", "dw", "dx"]
            .iter()
            .zip(found.iter().zip(case.compute_expected()))
        {
            let error = error(found, &expected);
            println!("{sizes:?} {what}: {error:.1e}");
            assert!(error <= case.tolerance(), "{sizes:?} {what}: {error:e}");
        }
    }
}

#[test]
fn convolutions_match_the_kernels_on_planes() {
    for sizes in CASES {
        let case = Case::new(sizes);
        let [y, weight_gradient, x_gradient] = case.run();
        let geometry = case.geometry();
        let expected = Convolution::forward_batch(&geometry, &case.x, &case.weight);
        let (Some(dx), dw) =
            Convolution::backward_batch(&geometry, &case.x, &case.weight, &case.gradient, true)
        else {
            panic!("the input gradient was requested");
        };
        let dx: Vec<f32> = dx.iter().map(|v| v + 1.0).collect();
        for (found, expected) in [(y, expected), (weight_gradient, dw), (x_gradient, dx)] {
            let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
            let error = error(&found, &expected);
            assert!(error <= 2.0 * case.tolerance(), "{sizes:?}: {error:e}");
        }
    }
}

#[test]
fn gradients_match_finite_differences() {
    for sizes in [[5, 18, 7, 13, 3, 1], [20, 5, 11, 14, 3, 2]] {
        let case = Case::new(sizes);
        let [_, weight_gradient, x_gradient] = case.run();
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum()
        };
        // The output is linear in each argument, so a step of any length is exact but for rounding.
        let slope = |x_step: &[f32], weight_step: &[f32]| {
            let value = |sign: f32| {
                let mut moved = Case::new(sizes);
                let moves = [(&mut moved.x, x_step), (&mut moved.weight, weight_step)];
                for (values, step) in moves {
                    values
                        .iter_mut()
                        .zip(step)
                        .for_each(|(v, s)| *v += sign * s);
                }
                dot(&moved.run()[0], &case.gradient)
            };
            (value(1.0) - value(-1.0)) / 2.0
        };
        let (x_step, weight_step) = (normal(4, case.x.len()), normal(5, case.weight.len()));
        let ones = dot(&vec![1.0; x_step.len()], &x_step);
        for (found, expected) in [
            (dot(&x_gradient, &x_step) - ones, slope(&x_step, &[])),
            (
                dot(&weight_gradient, &weight_step),
                slope(&[], &weight_step),
            ),
        ] {
            let close = (found - expected).abs() <= 1e-4 * expected.abs().max(1.0);
            assert!(close, "{sizes:?}: {found} against {expected}");
        }
    }
}

#[test]
fn normalisation_matches_the_kernel_on_planes() {
    for (channels, height, width, groups) in
        [(16, 20, 20, 8), (6, 5, 7, 3), (34, 3, 2, 2), (18, 9, 9, 18)]
    {
        let map = Map::new(channels, height, width);
        let [x, other, gradient] = [1, 2, 3].map(|seed| normal(seed, channels * map.pixels()));
        let parameters = NormParameters {
            weight: normal(4, channels),
            bias: normal(5, channels),
            groups,
        };
        let norm = Norm {
            weight: &parameters.weight,
            bias: &parameters.bias,
            groups,
            relu: false,
        };
        let mut expected = vec![0.0; x.len()];
        group_norm::forward(&norm, &x, &mut expected);
        expected
            .iter_mut()
            .zip(&other)
            .for_each(|(e, o)| *e = (*e + o).max(0.0));
        let dense = |values: &[f32]| -> Vec<Channels> {
            let pixels = add_border(&map, values);
            map.rows()
                .flat_map(|row| pixels[row.bordered..][..width].to_vec())
                .collect()
        };
        let convolved = dense(&x);
        let statistics = parameters.statistics(&map, &convolved);
        let mut output = vec![Channels::ZERO; map.bordered_len()];
        let addend = add_border(&map, &other);
        activate(
            &map,
            (&statistics, &convolved),
            Addend::Map(&addend),
            &mut output,
        );
        let found = plain(&map, |row| &output[row.bordered..]);
        assert_close(&found, &expected);

        let mut expected_gradient = gradient.clone();
        for (g, y) in expected_gradient.iter_mut().zip(&expected) {
            *g = if *y > 0.0 { *g } else { 0.0 };
        }
        let [mut sums, mut expected_sums] =
            [(); 2].map(|()| (vec![0.5; channels], vec![0.5; channels]));
        let both = (
            expected_sums.0.as_mut_slice(),
            expected_sums.1.as_mut_slice(),
        );
        group_norm::backward(&norm, &x, &mut expected_gradient, both);
        let mut gradient = add_border(&map, &gradient);
        let forward = (&statistics, convolved.as_slice());
        let both = (sums.0.as_mut_slice(), sums.1.as_mut_slice());
        let found = parameters.backward(&map, forward, Some(&output), &mut gradient, both);
        let values = found.values();
        assert_close(&plain(&map, |row| &values[row.dense..]), &expected_gradient);
        assert_close(&sums.0, &expected_sums.0);
        assert_close(&sums.1, &expected_sums.1);
    }
}

fn assert_close(found: &[f32], expected: &[f32]) {
    let expected: Vec<f64> = expected.iter().copied().map(f64::from).collect();
    let error = error(found, &expected);
    assert!(error <= 2e-6, "{error:e}");
}
