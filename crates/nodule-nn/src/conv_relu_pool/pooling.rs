//! Bias, ReLU and maximum over the four corners of pooling windows.

use pulp::Simd;

/// Writes the maxima of a vector of windows, and which corner each came from; of equal ones the first wins. The
/// sums are those of the convolution, `SCALE` times.
#[inline(always)]
pub(super) fn pool<S: Simd, const SCALE: u16>(
    simd: S,
    sums: [S::f32s; 4],
    bias: f32,
    pooled: &mut [f32],
    winners: &mut [u32],
) {
    let (mut best, mut winner) = (sums[0], simd.splat_u32s(0));
    for (corner, sum) in (1..).zip(&sums[1..]) {
        let larger = simd.greater_than_f32s(*sum, best);
        best = simd.select_f32s(larger, *sum, best);
        winner = simd.select_u32s(larger, simd.splat_u32s(corner), winner);
    }
    let best = simd.add_f32s(divided::<S, SCALE>(simd, best), simd.splat_f32s(bias));
    simd.partial_store_f32s(pooled, simd.max_f32s(best, simd.splat_f32s(0.0)));
    simd.partial_store_u32s(winners, winner);
}

/// `value / SCALE`, rounded right where that is a whole number: the quotient, and what it leaves over divided once
/// more. A sum that the bias cancels is then 0, and the ReLU lets no gradient through.
#[inline(always)]
fn divided<S: Simd, const SCALE: u16>(simd: S, value: S::f32s) -> S::f32s {
    if SCALE == 1 {
        return value;
    }
    let scale = f32::from(SCALE);
    let by = simd.splat_f32s(1.0 / scale);
    let quotient = simd.mul_f32s(value, by);
    let rest = simd.mul_add_f32s(simd.splat_f32s(-scale), quotient, value);
    simd.mul_add_f32s(rest, by, quotient)
}
