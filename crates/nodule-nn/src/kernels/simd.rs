//! Loads and stores of one vector at the start of a slice.

use pulp::Simd;

/// Returns the first vector of `values`.
#[inline(always)]
pub(super) fn load<S: Simd>(values: &[f32]) -> S::f32s {
    S::as_simd_f32s(values).0[0]
}

/// Overwrites the first vector of `values`.
#[inline(always)]
pub(super) fn store<S: Simd>(values: &mut [f32], vector: S::f32s) {
    S::as_mut_simd_f32s(values).0[0] = vector;
}
