//! Random fields of unit variance, and Gaussian smoothing of fields and images.

use std::ops::Range;

use nodule_seed::Stream;
use pulp::{Arch, Simd, WithSimd};

/// Returns a stationary random field `[size, size]`, correlated over `sigma` pixels and periodic at the borders.
///
/// Mean 0 and variance 1 are those of the process, not of the sample.
pub(super) fn random_field(random: &mut Stream, size: usize, sigma: f64) -> Vec<f32> {
    let mut field = white_noise(random, size * size);
    let kernel = kernel(sigma, |_, squares| libm::sqrt(squares));
    smooth(&mut field, size, &kernel, Border::Periodic);
    field
}

/// Smooths an image in place with a Gaussian of `sigma` pixels. Border pixels are repeated.
pub(super) fn blur(image: &mut [f32], size: usize, sigma: f64) {
    let kernel = kernel(sigma, |sum, _| sum);
    smooth(image, size, &kernel, Border::Repeated);
}

/// Returns independent numbers of variance 1.
///
/// Each is the difference of two uniform 16-bit numbers, and one 64-bit draw gives two of them. Their triangular
/// distribution becomes normal by smoothing, and needs no logarithm.
fn white_noise(random: &mut Stream, count: usize) -> Vec<f32> {
    /// Draws converted at once, while they are in the cache.
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

/// Converts 64 random bits to two differences of 16-bit numbers, times `unit`.
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

/// Returns one half of a Gaussian kernel, from the middle outwards, divided by `scale(sum, sum of squares)` of the
/// whole kernel.
fn kernel(sigma: f64, scale: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    let reach = libm::ceil(3.0 * sigma) as usize;
    let weight = |i: usize| libm::exp(-0.5 * (i as f64 / sigma) * (i as f64 / sigma));
    let half: Vec<f64> = (0..=reach).map(weight).collect();
    let whole = |power: i32| -> f64 {
        let term = |w: &f64| if power == 2 { w * w } else { *w };
        half[0] + 2.0 * half[1..].iter().map(term).sum::<f64>()
    };
    let scale = scale(whole(1), whole(2));
    half.iter().map(|w| (w / scale) as f32).collect()
}

/// Continuation of an image beyond its border.
#[derive(Clone, Copy)]
enum Border {
    Periodic,
    Repeated,
}

impl Border {
    /// Returns the line of `inside` that replaces line `i` outside it.
    fn source_line(self, i: usize, inside: Range<usize>) -> usize {
        match self {
            Self::Periodic if i < inside.start => i + inside.len(),
            Self::Periodic => i - inside.len(),
            Self::Repeated => i.clamp(inside.start, inside.end - 1),
        }
    }

    /// Appends a row with `reach` pixels of its continuation on either side.
    fn append_padded(self, pixels: &[f32], reach: usize, rows: &mut Vec<f32>) {
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

/// Convolves rows, then columns, with a symmetric kernel, given from its middle outwards.
///
/// The bits are the same with any instruction set: each lane is one pixel, and no multiply-add is fused.
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

    /// Rows are padded to whole vectors. All rows are padded before the first is read, because a load that overlaps
    /// a pending store stalls.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (size, reach) = (self.size, self.kernel.len() - 1);
        let stride = size.next_multiple_of(S::F32_LANES);
        let width = stride + 2 * reach;
        let mut bordered = Vec::with_capacity(size * width);
        for (y, pixels) in self.image.chunks(size).enumerate() {
            self.border.append_padded(pixels, reach, &mut bordered);
            bordered.resize((y + 1) * width, 0.0);
        }
        let length = (size + 2 * reach) * stride;
        let mut lines = vec![0.0; length + LINE];
        // Align the rows, so that no vector of a column's sums spans two cache lines.
        let start = lines
            .as_ptr()
            .align_offset(LINE * size_of::<f32>())
            .min(LINE);
        let lines = &mut lines[start..start + length];
        let inside = lines[reach * stride..].chunks_mut(stride);
        for (row, out) in bordered.chunks(width).zip(inside) {
            convolve(simd, out, self.kernel, row, |k| [reach - k, reach + k]);
        }
        for i in (0..reach).chain(reach + size..size + 2 * reach) {
            let from = self.border.source_line(i, reach..reach + size) * stride;
            lines.copy_within(from..from + stride, i * stride);
        }
        // Rows without padding form one contiguous row.
        let row = if stride == size { size * size } else { size };
        for (y, pixels) in self.image.chunks_mut(row).enumerate() {
            let pair = |k| [(reach - k) * stride, (reach + k) * stride];
            convolve(simd, pixels, self.kernel, &lines[y * stride..], pair);
        }
    }
}

/// Number of `f32` in a cache line.
const LINE: usize = 16;

/// Computes `out = kernel[0] * middle + sum_k kernel[k] * (before_k + after_k)`.
///
/// `pair(k)` gives the positions of `before_k` and `after_k` in `source`, which must continue for whole vectors.
#[inline(always)]
fn convolve<S: Simd>(
    simd: S,
    out: &mut [f32],
    kernel: &[f32],
    source: &[f32],
    pair: impl Fn(usize) -> [usize; 2],
) {
    /// Number of vectors whose sums stay in registers.
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

/// Returns `W` vectors of the sums in [`convolve`], from pixel `start` on.
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
        let squares = values.iter().map(|v| (f64::from(*v) - mean).powi(2));
        (mean, squares.sum::<f64>() / n)
    }

    #[test]
    fn fields_have_unit_variance_at_any_correlation() {
        for sigma in [0.3, 0.6, 1.6, 3.5] {
            let mut random = stream(1);
            let fields = (0..60).flat_map(|_| random_field(&mut random, 64, sigma));
            let (mean, variance) = moments(&fields.collect::<Vec<_>>());
            assert!(mean.abs() < 0.1, "{sigma}: {mean}");
            assert!((variance - 1.0).abs() < 0.14, "{sigma}: {variance}");
        }
    }

    #[test]
    fn blur_keeps_a_constant_and_spreads_a_point() {
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
