//! What this machine can do at most: the yardstick for the training step.

use std::hint::black_box;
use std::time::Instant;

use nodule_nn::arch;
use pulp::{Simd, WithSimd};

/// Multiply-adds in flight: more than any processor's latency times its units, and few enough to
/// stay in sixteen registers.
const STRANDS: usize = 12;

/// What one thread reaches that does nothing but multiply and add f32 vectors in registers.
pub(crate) struct Arithmetic {
    /// Floating-point operations a second, a multiply-add counting as two.
    pub(crate) per_second: f64,
    /// Width of the vectors, those of the kernels.
    pub(crate) vector_bits: usize,
}

/// Measures it, in about a second.
pub(crate) fn arithmetic_peak() -> Arithmetic {
    const ROUNDS: usize = 20_000_000;
    // Once to wake the processor, once for the clock.
    black_box(arch().dispatch(MultiplyAdd { rounds: ROUNDS / 4 }));
    let clock = Instant::now();
    let (lanes, sum) = arch().dispatch(MultiplyAdd { rounds: ROUNDS });
    black_box(sum);
    Arithmetic {
        per_second: (2 * lanes * STRANDS * ROUNDS) as f64 / clock.elapsed().as_secs_f64(),
        vector_bits: 32 * lanes,
    }
}

struct MultiplyAdd {
    rounds: usize,
}

impl WithSimd for MultiplyAdd {
    type Output = (usize, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        // Converges to 1, so that no number ever grows or underflows.
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(0.5));
        let mut sums = [term; STRANDS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, factor, term);
            }
        }
        let total = sums.into_iter().fold(term, |a, b| simd.add_f32s(a, b));
        (S::F32_LANES, simd.reduce_sum_f32s(total))
    }
}

/// Bytes a second that one thread copies between two buffers too large for any cache, counted
/// once.
pub(crate) fn copy_peak() -> f64 {
    const BYTES: usize = 256 << 20;
    const ROUNDS: usize = 4;
    let from = vec![1u8; BYTES];
    let mut to = vec![2u8; BYTES];
    let clock = Instant::now();
    for _ in 0..ROUNDS {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
    (ROUNDS * BYTES) as f64 / clock.elapsed().as_secs_f64()
}
