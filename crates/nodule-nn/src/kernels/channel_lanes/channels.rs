//! One pixel of sixteen channels, and kernels over such pixels for any vector width.

use pulp::{Simd, WithSimd};

use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;

/// Channels of one block.
pub(crate) const LANES: usize = MAX_LANES;

/// Sixteen channels of one pixel, aligned to a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Channels(pub(crate) [f32; LANES]);

/// Weights from sixteen input channels (the index) to sixteen output channels (the lanes).
pub(super) type Matrix = [Channels; LANES];

impl Channels {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    /// Returns the channels as `V` vectors.
    #[inline(always)]
    pub(super) fn load<S: Simd, const V: usize>(&self, simd: S) -> [S::f32s; V] {
        let (from, _) = S::as_simd_f32s(&self.0);
        let mut vectors = [simd.splat_f32s(0.0); V];
        for v in 0..V {
            vectors[v] = from[v];
        }
        vectors
    }

    /// Returns vector `v` of the channels.
    #[inline(always)]
    pub(super) fn vector<S: Simd>(&self, v: usize) -> S::f32s {
        S::as_simd_f32s(&self.0).0[v]
    }

    /// Returns vector `v` of the channels.
    #[inline(always)]
    pub(super) fn vector_mut<S: Simd>(&mut self, v: usize) -> &mut S::f32s {
        &mut S::as_mut_simd_f32s(&mut self.0).0[v]
    }

    /// Overwrites the channels by `V` vectors.
    #[inline(always)]
    pub(super) fn store<S: Simd, const V: usize>(&mut self, vectors: [S::f32s; V]) {
        let (to, _) = S::as_mut_simd_f32s(&mut self.0);
        for v in 0..V {
            to[v] = vectors[v];
        }
    }
}

/// Returns a matrix of zeros.
pub(super) const fn zero_matrix() -> Matrix {
    [Channels::ZERO; LANES]
}

/// A kernel that takes sixteen channels as `V` vectors.
pub(super) trait Kernel {
    type Output;

    fn run<S: Simd, const V: usize>(self, simd: S) -> Self::Output;
}

/// Runs a kernel with the vectors of this processor.
pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    arch().dispatch(Dispatch(kernel))
}

struct Dispatch<K>(K);

impl<K: Kernel> WithSimd for Dispatch<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> K::Output {
        match S::F32_LANES {
            16 => self.0.run::<S, 1>(simd),
            8 => self.0.run::<S, 2>(simd),
            4 => self.0.run::<S, 4>(simd),
            _ => self.0.run::<S, 16>(simd),
        }
    }
}
