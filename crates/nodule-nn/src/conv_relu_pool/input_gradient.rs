//! The input gradient: where a window has a gradient, its input's gains the filter.
//!
//! What the corners of a window reach stays in registers while all outputs are added; then the first pair of
//! pixels is complete for this row of windows, and the next window begins one pair further.

use pulp::{Simd, WithSimd};

use super::geometry::Geometry;
use super::patches::{Patches, REACH};
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::{load, store};

/// Outputs that one mask tells of.
const BITS: usize = u32::BITS as usize;

/// For each window the outputs whose winner is in its upper row, and those in its lower one.
pub(super) struct Masks([Vec<u32>; 2]);

impl Masks {
    pub(super) fn new(geometry: &Geometry) -> Self {
        Self([vec![0; geometry.pooled()], vec![0; geometry.pooled()]])
    }

    #[inline(always)]
    fn fill(&mut self, corners: &[u32], passed: &[f32]) {
        let [upper, lower] = &mut self.0;
        upper.fill(0);
        lower.fill(0);
        let count = upper.len();
        let each = corners.chunks_exact(count).zip(passed.chunks_exact(count));
        for (output, (corners, passed)) in each.enumerate() {
            let windows = upper.iter_mut().zip(lower.iter_mut());
            for (((upper, lower), corner), gradient) in windows.zip(corners).zip(passed) {
                let bit = u32::from(*gradient != 0.0) << output;
                let is_lower = corner >> 1;
                *upper |= bit * (is_lower ^ 1);
                *lower |= bit * is_lower;
            }
        }
    }
}

/// Writes the input gradient of one image, grouped, to `gradient`.
pub(super) fn input_gradient(
    geometry: &Geometry,
    patches: &Patches,
    masks: &mut Masks,
    filters: &[f32],
    (corners, passed): (&[u32], &[f32]),
    gradient: &mut [f32],
) {
    gradient.fill(0.0);
    let some = BITS * geometry.pooled();
    let each = corners.chunks(some).zip(passed.chunks(some));
    for (block, (corners, passed)) in each.enumerate() {
        arch().dispatch(|| masks.fill(corners, passed));
        for group in 0..patches.groups {
            let first = group * patches.filters() + block * BITS * 2 * patches.filter();
            arch().dispatch(Scatter {
                geometry,
                patches,
                masks,
                corners,
                passed,
                filters: &filters[first..],
                gradient: &mut gradient[group * patches.group()..][..patches.group()],
            });
        }
    }
}

/// `gradient += value * filter` at every window.
struct Scatter<'a> {
    geometry: &'a Geometry,
    patches: &'a Patches,
    masks: &'a Masks,
    corners: &'a [u32],
    passed: &'a [f32],
    filters: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            1 => self.windows::<S, REACH, 2>(simd),
            _ => self.windows::<S, { REACH / 2 }, 1>(simd),
        }
    }
}

impl Scatter<'_> {
    /// With `V` vectors for what a window's corners reach in a row, of which the next window lacks the first `P`.
    #[inline(always)]
    fn windows<S: Simd, const V: usize, const P: usize>(mut self, simd: S) {
        let zero = simd.splat_f32s(0.0);
        let [upper, lower] = &self.masks.0;
        let width = self.geometry.pooled_width;
        for y in 0..self.geometry.pooled_height {
            let mut sums = [[zero; V]; REACH];
            for x in 0..width + V / P - 1 {
                // Beyond the last window there are no outputs, only sums that are left.
                let window = y * width + x;
                let of = |masks: &[u32]| if x < width { masks[window] } else { 0 };
                self.outputs::<S, V, 0>(simd, of(upper), window, &mut sums);
                self.outputs::<S, V, 1>(simd, of(lower), window, &mut sums);
                self.add::<S, V, P>(simd, y, x, &sums);
                for row in &mut sums {
                    for i in 0..V {
                        row[i] = if i + P < V { row[i + P] } else { zero };
                    }
                }
            }
        }
    }

    /// Adds the filters of the outputs in `mask`, whose winners are in row `R` of the window.
    #[inline(always)]
    fn outputs<S: Simd, const V: usize, const R: usize>(
        &self,
        simd: S,
        mut mask: u32,
        window: usize,
        sums: &mut [[S::f32s; V]; REACH],
    ) {
        let count = self.geometry.pooled();
        while mask != 0 {
            let output = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            let at = output * count + window;
            let value = simd.splat_f32s(self.passed[at]);
            let column = (self.corners[at] & 1) as usize;
            let length = KERNEL * V * S::F32_LANES;
            let filter = &self.filters[(2 * output + column) * length..][..length];
            for k in 0..KERNEL {
                for i in 0..V {
                    let run = load::<S>(&filter[(k * V + i) * S::F32_LANES..]);
                    sums[k + R][i] = simd.mul_add_e_f32s(value, run, sums[k + R][i]);
                }
            }
        }
    }

    /// Adds pair `x` of pixels of the rows under the windows of row `y`.
    #[inline(always)]
    fn add<S: Simd, const V: usize, const P: usize>(
        &mut self,
        simd: S,
        y: usize,
        x: usize,
        sums: &[[S::f32s; V]; REACH],
    ) {
        let (row, pair) = (self.patches.row(), self.patches.pair());
        let rows = &mut self.gradient[2 * y * row + x * pair..];
        for (k, sums) in sums.iter().enumerate() {
            for i in 0..P {
                let place = &mut rows[k * row + i * S::F32_LANES..];
                store::<S>(place, simd.add_f32s(load::<S>(place), sums[i]));
            }
        }
    }
}
