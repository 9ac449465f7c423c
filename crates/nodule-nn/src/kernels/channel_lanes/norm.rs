//! Group normalisation (Wu & He 2018, equations 1, 2 and 7) with channels as lanes, forward and backward.
//!
//! Statistics are sums over the pixels of each channel, then over the channels of a group. What follows is an affine
//! function of each pixel. Forward, one pass applies it with the addition of a residual block and the ReLU. Backward, the
//! convolution applies it while it reads the gradient.

use pulp::Simd;

use super::channels::{Channels, LANES, dispatch};
use super::map::Map;
use super::norm_passes::{GradientSums, Moment};
use crate::kernels::group_norm::EPSILON;

/// Parameters of one normalisation.
pub(crate) struct NormParameters {
    /// Scale of each channel.
    pub(crate) weight: Vec<f32>,
    /// Shift of each channel.
    pub(crate) bias: Vec<f32>,
    pub(crate) groups: usize,
}

/// Moments of one image, and normalisation, scale and shift as an affine function; `[block]` each.
pub(crate) struct Statistics {
    pub(super) mean: Vec<Channels>,
    pub(super) inverse_sd: Vec<Channels>,
    pub(super) slope: Vec<Channels>,
    pub(super) intercept: Vec<Channels>,
}

/// Gradient of a convolution's output: `scale * gradient + slope * convolved + intercept`.
pub(crate) struct OutputGradient<'a> {
    pub(super) map: Map,
    /// Gradient of the normalised output, with a border.
    gradient: &'a [Channels],
    /// Output of the convolution, dense.
    convolved: &'a [Channels],
    scale: Vec<Channels>,
    slope: Vec<Channels>,
    intercept: Vec<Channels>,
}

impl NormParameters {
    /// Returns the statistics of a convolution's output, a dense map.
    pub(crate) fn statistics(&self, map: &Map, convolved: &[Channels]) -> Statistics {
        let zero = vec![Channels::ZERO; map.blocks()];
        let count = (map.pixels() * self.channels_per_group()) as f32;
        let moment = |mean: &[Channels], squares: bool| {
            let sums = dispatch(Moment {
                pixels: map.pixels(),
                convolved,
                mean,
                squares,
            });
            self.over_groups(&sums, |sum| sum / count)
        };
        let mean = moment(&zero, false);
        let variance = moment(&mean, true);
        let inverse_sd = map_channels([&variance], |[v]| 1.0 / (v + EPSILON).sqrt());
        let slope = map_channels([&blocks_of(&self.weight), &inverse_sd], |[w, i]| w * i);
        let bias = blocks_of(&self.bias);
        Statistics {
            intercept: map_channels([&bias, &mean, &slope], |[b, m, s]| b - m * s),
            mean,
            inverse_sd,
            slope,
        }
    }

    /// Sets `gradient` to zero where `output` (both with a border) is not positive, if that is given. Adds the gradients
    /// of weight and bias to `sums`. Returns the gradient of the convolution's output.
    pub(crate) fn backward<'a>(
        &self,
        map: &Map,
        (statistics, convolved): (&Statistics, &'a [Channels]),
        output: Option<&[Channels]>,
        gradient: &'a mut [Channels],
        (weight_sums, bias_sums): (&mut [f32], &mut [f32]),
    ) -> OutputGradient<'a> {
        let [plain, weighted] = dispatch(GradientSums {
            map,
            statistics,
            convolved,
            output,
            gradient,
        });
        for (sums, values) in [(weight_sums, &weighted), (bias_sums, &plain)] {
            let values = values.iter().flat_map(|block| block.0);
            sums.iter_mut().zip(values).for_each(|(s, v)| *s += v);
        }
        // Every pixel changes the mean and the variance of its group: an affine function of the convolution's output.
        let count = (map.pixels() * self.channels_per_group()) as f32;
        let weight = blocks_of(&self.weight);
        let group_mean = |sums: &[Channels]| {
            let sums = map_channels([&weight, sums], |[w, s]| w * s);
            self.over_groups(&sums, |sum| sum / count)
        };
        let (plain, weighted) = (group_mean(&plain), group_mean(&weighted));
        let inverse_sd = &statistics.inverse_sd;
        let slope = map_channels([inverse_sd, &weighted], |[i, w]| -i * i * w);
        OutputGradient {
            map: *map,
            gradient,
            convolved,
            scale: statistics.slope.clone(),
            intercept: map_channels(
                [inverse_sd, &plain, &slope, &statistics.mean],
                |[i, p, s, m]| -i * p - s * m,
            ),
            slope,
        }
    }

    fn channels_per_group(&self) -> usize {
        self.weight.len() / self.groups
    }

    /// Returns `f` of the sum over each group, for every channel of the group.
    fn over_groups(&self, sums: &[Channels], f: impl Fn(f32) -> f32) -> Vec<Channels> {
        let sums: Vec<f32> = sums.iter().flat_map(|block| block.0).collect();
        let size = self.channels_per_group();
        let groups = sums[..self.weight.len()].chunks_exact(size);
        let values = groups.flat_map(|group| [f(group.iter().sum())].repeat(size));
        blocks_of(&values.collect::<Vec<f32>>())
    }
}

/// Returns values of channels in blocks; missing channels are zero.
fn blocks_of(values: &[f32]) -> Vec<Channels> {
    let blocks = values.chunks(LANES).map(|values| {
        let mut block = Channels::ZERO;
        block.0[..values.len()].copy_from_slice(values);
        block
    });
    blocks.collect()
}

/// Returns `f` of the values of each channel.
fn map_channels<const N: usize>(
    values: [&[Channels]; N],
    f: impl Fn([f32; N]) -> f32,
) -> Vec<Channels> {
    let blocks = 0..values[0].len();
    let block = |b: usize| Channels(std::array::from_fn(|c| f(values.map(|v| v[b].0[c]))));
    blocks.map(block).collect()
}

#[cfg(test)]
impl<'a> OutputGradient<'a> {
    /// Returns `gradient` itself.
    pub(super) fn plain(map: Map, gradient: &'a [Channels], convolved: &'a [Channels]) -> Self {
        let constant = |value| vec![Channels([value; LANES]); map.blocks()];
        Self {
            map,
            gradient,
            convolved,
            scale: constant(1.0),
            slope: constant(0.0),
            intercept: constant(0.0),
        }
    }

    /// Returns the dense map of the gradient.
    pub(super) fn values(&self) -> Vec<Channels> {
        let rows = self.map.rows();
        let pixels = rows.flat_map(|row| (0..self.map.width).map(move |x| (row, x)));
        let pixel = |(row, x): (super::map::Row, usize)| {
            let line = [&self.scale, &self.slope, &self.intercept].map(|v| v[row.block].0);
            let (g, c) = (
                self.gradient[row.bordered + x].0,
                self.convolved[row.dense + x].0,
            );
            Channels(std::array::from_fn(|i| {
                line[0][i] * g[i] + line[1][i] * c[i] + line[2][i]
            }))
        };
        pixels.map(pixel).collect()
    }
}

impl OutputGradient<'_> {
    /// Returns vector `v` of the gradient at one pixel.
    #[inline(always)]
    pub(super) fn vector<S: Simd>(
        &self,
        simd: S,
        (block, y, x): (usize, usize, usize),
        v: usize,
    ) -> S::f32s {
        let dense = (block * self.map.height + y) * self.map.width + x;
        let convolved = self.convolved[dense].vector::<S>(v);
        let gradient = self.gradient[self.map.bordered_position(block, y, x)].vector::<S>(v);
        let slope = self.slope[block].vector::<S>(v);
        let line = simd.mul_add_e_f32s(slope, convolved, self.intercept[block].vector::<S>(v));
        simd.mul_add_e_f32s(self.scale[block].vector::<S>(v), gradient, line)
    }
}
