//! Random fields of unit variance, and the Gaussian smoothing they and the images share.

use nodule_seed::Stream;
use pulp::Arch;

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
    let unit = libm::sqrt(6.0) / 65_536.0;
    let mut bits = vec![0; count.div_ceil(2)];
    random.fill(&mut bits);
    let mut values = vec![0.0; 2 * bits.len()];
    let (pairs, _) = values.as_chunks_mut::<2>();
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (pair, bits) in pairs.iter_mut().zip(&bits) {
                let part = |shift: u32| i32::from((bits >> shift) as u16);
                let triangular = [part(0) - part(16), part(32) - part(48)];
                *pair = triangular.map(|t| (f64::from(t) * unit) as f32);
            }
        },
    );
    values.truncate(count);
    values
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
    /// The index inside that stands for `i` outside.
    fn index(self, i: isize, size: usize) -> usize {
        match self {
            Self::Periodic => i.rem_euclid(size as isize) as usize,
            Self::Repeated => i.clamp(0, size as isize - 1) as usize,
        }
    }
}

/// Convolves rows, then columns, with a symmetric kernel given from its middle outwards. The same
/// bits with any instruction set: lanes are pixels, and nothing is fused.
fn smooth(image: &mut [f32], size: usize, kernel: &[f32], border: Border) {
    let reach = kernel.len() - 1;
    let around: Vec<usize> = (0..size + 2 * reach)
        .map(|i| border.index(i as isize - reach as isize, size))
        .collect();
    Arch::new().dispatch(
        #[inline(always)]
        || {
            smooth_rows(image, size, kernel, &around);
            smooth_columns(image, size, kernel, &around);
        },
    );
}

#[inline(always)]
fn smooth_rows(image: &mut [f32], size: usize, kernel: &[f32], around: &[usize]) {
    let reach = kernel.len() - 1;
    let mut padded = vec![0.0; around.len()];
    for row in image.chunks_mut(size) {
        padded[reach..reach + size].copy_from_slice(row);
        for i in (0..reach).chain(reach + size..around.len()) {
            padded[i] = row[around[i]];
        }
        let at = |shift: usize| &padded[shift..shift + size];
        weigh(row, kernel, |k| (at(reach - k), at(reach + k)));
    }
}

#[inline(always)]
fn smooth_columns(image: &mut [f32], size: usize, kernel: &[f32], around: &[usize]) {
    let reach = kernel.len() - 1;
    let copy = image.to_vec();
    let line = |i: usize| &copy[around[i] * size..][..size];
    for (y, row) in image.chunks_mut(size).enumerate() {
        weigh(row, kernel, |k| (line(y + reach - k), line(y + reach + k)));
    }
}

/// `out = kernel[0] * middle + sum_k kernel[k] * (before_k + after_k)`, a few vectors at a time, so
/// that their sums stay in registers.
#[inline(always)]
fn weigh<'a>(out: &mut [f32], kernel: &[f32], pair: impl Fn(usize) -> (&'a [f32], &'a [f32])) {
    const BLOCK: usize = 32;
    let (middle, mut start) = (pair(0).0, 0);
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for block in blocks {
        let of = |values: &'a [f32]| values[start..].first_chunk::<BLOCK>();
        weigh_block(block, kernel, of(middle), |k| (of(pair(k).0), of(pair(k).1)));
        start += BLOCK;
    }
    for (i, o) in rest.iter_mut().enumerate() {
        let of = |values: &'a [f32]| values[start + i..].first_chunk::<1>();
        let one = std::array::from_mut(o);
        weigh_block(one, kernel, of(middle), |k| (of(pair(k).0), of(pair(k).1)));
    }
}

/// [`weigh`] for so many pixels; all of them must be there.
#[inline(always)]
fn weigh_block<'a, const N: usize>(
    out: &mut [f32; N],
    kernel: &[f32],
    middle: Option<&[f32; N]>,
    pair: impl Fn(usize) -> (Option<&'a [f32; N]>, Option<&'a [f32; N]>),
) {
    let Some(middle) = middle else { return };
    let mut sums = middle.map(|m| kernel[0] * m);
    for (k, weight) in kernel.iter().enumerate().skip(1) {
        if let (Some(before), Some(after)) = pair(k) {
            for ((sum, b), a) in sums.iter_mut().zip(before).zip(after) {
                *sum += weight * (b + a);
            }
        }
    }
    *out = sums;
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
