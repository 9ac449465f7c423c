//! Passes over a feature map for group normalisation: statistics, activation, and sums for the gradients.

use pulp::Simd;

use super::channels::{Channels, Kernel, dispatch};
use super::map::Map;
use super::norm::Statistics;

/// Sums over the pixels of each channel of a dense map, of the values or of their squared deviations.
pub(super) struct Moment<'a> {
    pub(super) pixels: usize,
    pub(super) convolved: &'a [Channels],
    pub(super) mean: &'a [Channels],
    pub(super) squares: bool,
}

impl Kernel for Moment<'_> {
    type Output = Vec<Channels>;

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) -> Vec<Channels> {
        let mut sums = vec![Channels::ZERO; self.mean.len()];
        let planes = self.convolved.chunks_exact(self.pixels);
        for ((plane, mean), sums) in planes.zip(self.mean).zip(&mut sums) {
            let mean = mean.load::<S, V>(simd);
            // Four strands, because an addition waits for the one before.
            let mut strands = [[simd.splat_f32s(0.0); V]; 4];
            for pixels in plane.chunks(4) {
                for (i, pixel) in pixels.iter().enumerate() {
                    let pixel = pixel.load::<S, V>(simd);
                    for v in 0..V {
                        let strand = &mut strands[i][v];
                        let deviation = simd.sub_f32s(pixel[v], mean[v]);
                        *strand = match self.squares {
                            true => simd.mul_add_e_f32s(deviation, deviation, *strand),
                            false => simd.add_f32s(deviation, *strand),
                        };
                    }
                }
            }
            sums.store::<S, V>(add_strands(simd, strands));
        }
        sums
    }
}

#[inline(always)]
fn add_strands<S: Simd, const V: usize>(simd: S, strands: [[S::f32s; V]; 4]) -> [S::f32s; V] {
    let mut sums = strands[0];
    for v in 0..V {
        let rest = simd.add_f32s(strands[2][v], strands[3][v]);
        sums[v] = simd.add_f32s(simd.add_f32s(strands[0][v], strands[1][v]), rest);
    }
    sums
}

/// Term that a residual block adds to the normalised output of its second convolution.
#[derive(Clone, Copy)]
pub(crate) enum Addend<'a> {
    None,
    /// A map with a border.
    Map(&'a [Channels]),
    /// A normalised dense map.
    Normalised(&'a Statistics, &'a [Channels]),
}

/// Writes the ReLU of a normalised dense map plus an addend to `output`, a map with a border.
pub(crate) fn activate(
    map: &Map,
    (statistics, convolved): (&Statistics, &[Channels]),
    addend: Addend,
    output: &mut [Channels],
) {
    dispatch(Activate {
        map,
        statistics,
        convolved,
        addend,
        output,
    });
}

struct Activate<'a> {
    map: &'a Map,
    statistics: &'a Statistics,
    convolved: &'a [Channels],
    addend: Addend<'a>,
    output: &'a mut [Channels],
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let width = self.map.width;
        for row in self.map.rows() {
            let x = &self.convolved[row.dense..][..width];
            let y = &mut self.output[row.bordered..][..width];
            let line = Line::<S, V>::new(simd, self.statistics, row.block);
            match self.addend {
                Addend::None => {
                    for (y, x) in y.iter_mut().zip(x) {
                        y.store::<S, V>(relu::<S, V>(simd, line.apply(simd, x)));
                    }
                }
                Addend::Map(addend) => {
                    for ((y, x), a) in y.iter_mut().zip(x).zip(&addend[row.bordered..][..width]) {
                        let sum = add::<S, V>(simd, line.apply(simd, x), a.load::<S, V>(simd));
                        y.store::<S, V>(relu::<S, V>(simd, sum));
                    }
                }
                Addend::Normalised(statistics, addend) => {
                    let other = Line::<S, V>::new(simd, statistics, row.block);
                    for ((y, x), a) in y.iter_mut().zip(x).zip(&addend[row.dense..][..width]) {
                        let sum = add::<S, V>(simd, line.apply(simd, x), other.apply(simd, a));
                        y.store::<S, V>(relu::<S, V>(simd, sum));
                    }
                }
            }
        }
    }
}

/// Normalisation of one block of channels.
struct Line<S: Simd, const V: usize> {
    slope: [S::f32s; V],
    intercept: [S::f32s; V],
}

impl<S: Simd, const V: usize> Line<S, V> {
    #[inline(always)]
    fn new(simd: S, statistics: &Statistics, block: usize) -> Self {
        Self {
            slope: statistics.slope[block].load::<S, V>(simd),
            intercept: statistics.intercept[block].load::<S, V>(simd),
        }
    }

    #[inline(always)]
    fn apply(&self, simd: S, x: &Channels) -> [S::f32s; V] {
        mul_add::<S, V>(simd, self.slope, x.load::<S, V>(simd), self.intercept)
    }
}

/// Sums over pixels of the gradient, and of the gradient times the normalised value.
pub(super) struct GradientSums<'a> {
    pub(super) map: &'a Map,
    pub(super) statistics: &'a Statistics,
    pub(super) convolved: &'a [Channels],
    pub(super) output: Option<&'a [Channels]>,
    pub(super) gradient: &'a mut [Channels],
}

impl Kernel for GradientSums<'_> {
    type Output = [Vec<Channels>; 2];

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) -> [Vec<Channels>; 2] {
        let (zero, width) = (simd.splat_f32s(0.0), self.map.width);
        let mut sums = [(); 2].map(|()| vec![Channels::ZERO; self.map.blocks()]);
        let mut strands = [[[zero; V]; 4]; 2];
        let last_row = self.map.height - 1;
        for (i, row) in self.map.rows().enumerate() {
            let mean = self.statistics.mean[row.block].load::<S, V>(simd);
            let x = self.convolved[row.dense..][..width].chunks(4);
            let gradient = self.gradient[row.bordered..][..width].chunks_mut(4);
            let outputs = self.output.map(|output| &output[row.bordered..][..width]);
            for (j, (x, gradient)) in x.zip(gradient).enumerate() {
                let outputs = outputs.map(|outputs| &outputs[4 * j..]);
                for (k, (x, gradient)) in x.iter().zip(gradient).enumerate() {
                    let mut g = gradient.load::<S, V>(simd);
                    if let Some(outputs) = outputs {
                        let output = outputs[k].load::<S, V>(simd);
                        for v in 0..V {
                            let is_positive = simd.less_than_f32s(zero, output[v]);
                            g[v] = simd.select_f32s(is_positive, g[v], zero);
                        }
                        gradient.store::<S, V>(g);
                    }
                    let x = x.load::<S, V>(simd);
                    for v in 0..V {
                        let deviation = simd.sub_f32s(x[v], mean[v]);
                        strands[0][k][v] = simd.add_f32s(g[v], strands[0][k][v]);
                        strands[1][k][v] = simd.mul_add_e_f32s(g[v], deviation, strands[1][k][v]);
                    }
                }
            }
            if i % self.map.height == last_row {
                let inverse_sd = self.statistics.inverse_sd[row.block].load::<S, V>(simd);
                sums[0][row.block].store::<S, V>(add_strands(simd, strands[0]));
                let weighted = add_strands(simd, strands[1]);
                let weighted = mul_add::<S, V>(simd, weighted, inverse_sd, [zero; V]);
                sums[1][row.block].store::<S, V>(weighted);
                strands = [[[zero; V]; 4]; 2];
            }
        }
        sums
    }
}

#[inline(always)]
fn mul_add<S: Simd, const V: usize>(
    simd: S,
    a: [S::f32s; V],
    b: [S::f32s; V],
    mut c: [S::f32s; V],
) -> [S::f32s; V] {
    for v in 0..V {
        c[v] = simd.mul_add_e_f32s(a[v], b[v], c[v]);
    }
    c
}

#[inline(always)]
fn add<S: Simd, const V: usize>(simd: S, mut a: [S::f32s; V], b: [S::f32s; V]) -> [S::f32s; V] {
    for v in 0..V {
        a[v] = simd.add_f32s(a[v], b[v]);
    }
    a
}

#[inline(always)]
fn relu<S: Simd, const V: usize>(simd: S, mut a: [S::f32s; V]) -> [S::f32s; V] {
    for v in 0..V {
        a[v] = simd.max_f32s(a[v], simd.splat_f32s(0.0));
    }
    a
}
