//! Bias, ReLU and 2x2 maximum pooling with arg-max, of one vector of pooling windows.

use pulp::Simd;

/// Writes the pooled outputs of a vector of windows, and the arg-max of each. The first of equal corners wins.
///
/// `sums` are the convolution at the four corners, times `SCALE`. The bias is added after the maximum, and the ReLU
/// applied last: both are monotonic, so the result is the same.
#[inline(always)]
pub(super) fn pool<S: Simd, const SCALE: u16>(
    simd: S,
    sums: [S::f32s; 4],
    bias: f32,
    pooled: &mut [f32],
    argmax: &mut [u32],
) {
    let (mut max, mut max_corner) = (sums[0], simd.splat_u32s(0));
    for (corner, sum) in (1..).zip(&sums[1..]) {
        let is_larger = simd.greater_than_f32s(*sum, max);
        max = simd.select_f32s(is_larger, *sum, max);
        max_corner = simd.select_u32s(is_larger, simd.splat_u32s(corner), max_corner);
    }
    let max = simd.add_f32s(divide::<S, SCALE>(simd, max), simd.splat_f32s(bias));
    simd.partial_store_f32s(pooled, simd.max_f32s(max, simd.splat_f32s(0.0)));
    simd.partial_store_u32s(argmax, max_corner);
}

/// Returns `value / SCALE`, exact if that is a whole number: the quotient, plus its remainder divided once more.
///
/// A sum that the bias cancels is then exactly 0, and the ReLU passes no gradient.
#[inline(always)]
fn divide<S: Simd, const SCALE: u16>(simd: S, value: S::f32s) -> S::f32s {
    if SCALE == 1 {
        return value;
    }
    let scale = f32::from(SCALE);
    let inverse = simd.splat_f32s(1.0 / scale);
    let quotient = simd.mul_f32s(value, inverse);
    let remainder = simd.mul_add_f32s(simd.splat_f32s(-scale), quotient, value);
    simd.mul_add_f32s(remainder, inverse, quotient)
}
