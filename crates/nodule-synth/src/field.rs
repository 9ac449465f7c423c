//! Random fields of unit variance, and the Gaussian smoothing they and the images share.

use std::ops::Range;

use nodule_seed::Stream;
use pulp::{Arch, Simd, WithSimd};

/// A stationary random field `[size, size]` of mean 0 and variance 1 (both of the process, not of
/// the sample), correlated over `sigma` pixels, periodic at the borders.
pub(crate) fn random_field(random: &mut Stream, size: usize, sigma: f64) -> Vec<f32> {
    let mut field = white(random, size * size);
    let kernel = kernel(sigma, |_, squares| libm::sqrt(squares));
    smooth(&mut field, size, &kernel, Border::Periodic);
    field
}

/// Smooths an image in place with a Gaussian of `sigma` pixels; its border pixels are repeated.
pub(crate) fn blur(image: &mut [f32], size: usize, sigma: f64) {
    let kernel = kernel(sigma, |sum, _| sum);
    smooth(image, size, &kernel, Border::Repeated);
}

/// Independent numbers of variance 1: differences of two uniform 16-bit numbers, two a draw. Their
/// triangular distribution becomes normal in the smoothing, and costs no logarithm.
fn white(random: &mut Stream, count: usize) -> Vec<f32> {
    /// Draws that become numbers together, while they are at hand.
    const DRAWS: usize = 128;
    let unit = libm::sqrt(6.0) / 65_536.0;
    let mut bits = [0; DRAWS];
    let mut values = vec![0.0; count.next_multiple_of(2)];
    let (pairs, _) = values.as_chunks_mut::<2>();
    for pairs in pairs.chunks_mut(DRAWS) {
        let bits = &mut bits[..pairs.len()];
        random.fill(bits);
        Arch::new().dispatch(Triangular { bits, unit, pairs });
    }
    values.truncate(count);
    values
}

/// Differences of 16-bit numbers, times `unit`.
struct Triangular<'a> {
    bits: &'a [u64],
    unit: f64,
    pairs: &'a mut [[f32; 2]],
}

impl WithSimd for Triangular<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (pair, bits) in self.pairs.iter_mut().zip(self.bits) {
            let part = |shift: u32| i32::from((bits >> shift) as u16);
            let differences = [part(0) - part(16), part(32) - part(48)];
            *pair = differences.map(|d| (f64::from(d) * self.unit) as f32);
        }
    }
}

/// One side of a Gaussian, from its middle outwards, divided by `scale(sum, sum of squares)` of
/// the whole.
fn kernel(sigma: f64, scale: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    let reach = libm::ceil(3.0 * sigma) as usize;
    let weight = |i: usize| libm::exp(-0.5 * (i as f64 / sigma) * (i as f64 / sigma));
    let half: Vec<f64> = (0..=reach).map(weight).collect();
    let whole = |power: i32| -> f64 {
        half[0]
            + 2.0
                * half[1..]
                    .iter()
                    .map(|w| if power == 2 { w * w } else { *w })
                    .sum::<f64>()
    };
    let scale = scale(whole(1), whole(2));
    half.iter().map(|w| (w / scale) as f32).collect()
}

/// What lies beyond the border.
#[derive(Clone, Copy)]
enum Border {
    Periodic,
    Repeated,
}

impl Border {
    /// The line in `inside` that stands for line `i` before or after it.
    fn stand_in(self, i: usize, inside: Range<usize>) -> usize {
        match self {
            Self::Periodic if i < inside.start => i + inside.len(),
            Self::Periodic => i - inside.len(),
            Self::Repeated => i.clamp(inside.start, inside.end - 1),
        }
    }

    /// Appends a row, and `reach` pixels of what lies beyond it on either side.
    fn surround(self, pixels: &[f32], reach: usize, rows: &mut Vec<f32>) {
        let size = pixels.len();
        match self {
            Self::Periodic => {
                rows.extend_from_slice(&pixels[size - reach..]);
                rows.extend_from_slice(pixels);
                rows.extend_from_slice(&pixels[..reach]);
            }
            Self::Repeated => {
                rows.resize(rows.len() + reach, pixels[0]);
                rows.extend_from_slice(pixels);
                rows.resize(rows.len() + reach, pixels[size - 1]);
            }
        }
    }
}

/// Convolves rows, then columns, with a symmetric kernel given from its middle outwards. The same
/// bits with any instruction set: lanes are pixels, and nothing is fused.
fn smooth(image: &mut [f32], size: usize, kernel: &[f32], border: Border) {
    Arch::new().dispatch(Smooth {
        image,
        size,
        kernel,
        border,
    });
}

struct Smooth<'a> {
    image: &'a mut [f32],
    size: usize,
    kernel: &'a [f32],
    border: Border,
}

impl WithSimd for Smooth<'_> {
    type Output = ();

    /// Rows are as long as whole vectors. All of them get their borders before the first is read: a load
    /// that overlaps a store under way waits.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (size, reach) = (self.size, self.kernel.len() - 1);
        let stride = size.next_multiple_of(S::F32_LANES);
        let width = stride + 2 * reach;
        let mut bordered = Vec::with_capacity(size * width);
        for (y, pixels) in self.image.chunks(size).enumerate() {
            self.border.surround(pixels, reach, &mut bordered);
            bordered.resize((y + 1) * width, 0.0);
        }
        let length = (size + 2 * reach) * stride;
        let mut lines = vec![0.0; length + LINE];
        // No vector of a column's sums lies in two cache lines.
        let start = lines
            .as_ptr()
            .align_offset(LINE * size_of::<f32>())
            .min(LINE);
        let lines = &mut lines[start..start + length];
        let inside = lines[reach * stride..].chunks_mut(stride);
        for (row, out) in bordered.chunks(width).zip(inside) {
            weigh(simd, out, self.kernel, row, |k| [reach - k, reach + k]);
        }
        for i in (0..reach).chain(reach + size..size + 2 * reach) {
            let from = self.border.stand_in(i, reach..reach + size) * stride;
            lines.copy_within(from..from + stride, i * stride);
        }
        // Without gaps between them, all rows are one.
        let row = if stride == size { size * size } else { size };
        for (y, pixels) in self.image.chunks_mut(row).enumerate() {
            let pair = |k| [(reach - k) * stride, (reach + k) * stride];
            weigh(simd, pixels, self.kernel, &lines[y * stride..], pair);
        }
    }
}

/// Numbers of a cache line.
const LINE: usize = 16;

/// `out = kernel[0] * middle + sum_k kernel[k] * (before_k + after_k)`, where `before_k` and
/// `after_k` begin at `pair(k)` in `source`, which goes on from there for whole vectors.
#[inline(always)]
fn weigh<S: Simd>(
    simd: S,
    out: &mut [f32],
    kernel: &[f32],
    source: &[f32],
    pair: impl Fn(usize) -> [usize; 2],
) {
    /// Vectors whose sums are kept in registers together.
    const WIDE: usize = 4;
    let (out, tail) = S::as_mut_simd_f32s(out);
    let whole = out.len() * S::F32_LANES;
    let (wide, rest) = out.as_chunks_mut::<WIDE>();
    for (i, out) in wide.iter_mut().enumerate() {
        *out = sums(simd, i * WIDE * S::F32_LANES, kernel, source, &pair);
    }
    let start = wide.len() * WIDE;
    for (i, out) in rest.iter_mut().enumerate() {
        [*out] = sums(simd, (start + i) * S::F32_LANES, kernel, source, &pair);
    }
    if !tail.is_empty() {
        let [last] = sums(simd, whole, kernel, source, &pair);
        simd.partial_store_f32s(tail, last);
    }
}

/// `W` vectors of [`weigh`]'s sums, from pixel `start` on.
#[inline(always)]
fn sums<S: Simd, const W: usize>(
    simd: S,
    start: usize,
    kernel: &[f32],
    source: &[f32],
    pair: &impl Fn(usize) -> [usize; 2],
) -> [S::f32s; W] {
    let vectors = |place: usize| {
        let (all, _) = S::as_simd_f32s(&source[place + start..]);
        all.as_chunks::<W>().0[0]
    };
    let first = simd.splat_f32s(kernel[0]);
    let mut sums = vectors(pair(0)[0]).map(|middle| simd.mul_f32s(first, middle));
    for (k, weight) in kernel.iter().enumerate().skip(1) {
        let ([before, after], weight) = (pair(k).map(vectors), simd.splat_f32s(*weight));
        for i in 0..W {
            let both = simd.add_f32s(before[i], after[i]);
            sums[i] = simd.add_f32s(sums[i], simd.mul_f32s(weight, both));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use nodule_seed::stream;

    use super::*;

    fn moments(values: &[f32]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let square = values
            .iter()
            .map(|v| (f64::from(*v) - mean).powi(2))
            .sum::<f64>()
            / n;
        (mean, square)
    }

    #[test]
    fn fields_have_unit_variance_at_any_correlation() {
        for sigma in [0.3, 0.6, 1.6, 3.5] {
            let mut random = stream(1);
            let many: Vec<f32> = (0..60)
                .flat_map(|_| random_field(&mut random, 64, sigma))
                .collect();
            let (mean, variance) = moments(&many);
            assert!(
                mean.abs() < 0.1 && (variance - 1.0).abs() < 0.14,
                "{sigma}: {mean} {variance}"
            );
        }
    }

    #[test]
    fn blurring_keeps_a_constant_and_spreads_a_point() {
        let mut flat = vec![0.7f32; 81];
        blur(&mut flat, 9, 1.0);
        assert!(flat.iter().all(|v| (v - 0.7).abs() < 1e-6));
        let mut point = vec![0.0f32; 81];
        point[40] = 1.0;
        blur(&mut point, 9, 1.0);
        let total: f32 = point.iter().sum();
        assert!((total - 1.0).abs() < 1e-5 && point[40] < 0.2 && point[40] > point[41]);
        assert!((point[39] - point[41]).abs() < 1e-7 && (point[31] - point[49]).abs() < 1e-7);
    }
}
