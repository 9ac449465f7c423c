//! The weight gradient: where a window has a gradient, the filter's gains the patch under the winner.

use pulp::{Simd, WithSimd};

use super::geometry::Geometry;
use super::patches::{Patches, REACH};
use crate::arch::arch;
use crate::config::KERNEL;
use crate::simd::{load, store};

/// A pooling window that has a gradient.
#[derive(Clone, Copy, Default)]
struct Window {
    /// Where the rows that its winner meets begin in a group.
    place: u32,
    gradient: f32,
}

/// Windows of one output, by the column of their winners.
pub(super) struct Lists {
    windows: [Vec<Window>; 2],
    /// Where the rows under each window begin in a group.
    places: Vec<u32>,
}

impl Lists {
    pub(super) fn new(geometry: &Geometry, patches: &Patches) -> Self {
        let rows = (0..geometry.pooled_height).map(|y| 2 * y * patches.row());
        let columns = (0..geometry.pooled_width).map(|x| x * patches.pair());
        let places = rows.flat_map(|row| columns.clone().map(move |column| (row + column) as u32));
        // One more than there are windows: the last entry may be written and not counted.
        let none = vec![Window::default(); geometry.pooled() + 1];
        Self {
            windows: [none.clone(), none],
            places: places.collect(),
        }
    }

    /// Lists the windows of one output that have a gradient; returns how many.
    #[inline(always)]
    fn fill(&mut self, row: usize, corners: &[u32], passed: &[f32]) -> [usize; 2] {
        let [left, right] = &mut self.windows;
        let (mut lefts, mut rights) = (0, 0);
        // Without a branch: which of them have one follows no pattern that could be predicted.
        for ((place, corner), gradient) in self.places.iter().zip(corners).zip(passed) {
            let window = Window {
                place: place + (corner >> 1) * row as u32,
                gradient: *gradient,
            };
            let is_right = (corner & 1) as usize;
            let has = usize::from(*gradient != 0.0);
            left[lefts] = window;
            right[rights] = window;
            lefts += has & (is_right ^ 1);
            rights += has & is_right;
        }
        [lefts, rights]
    }
}

/// Adds the weight gradient of one image to `sums`, which lie as the packed filters do.
pub(super) fn weight_gradient(
    patches: &Patches,
    lists: &mut Lists,
    input: &[f32],
    (corners, passed): (&[u32], &[f32]),
    sums: &mut [f32],
) {
    let count = lists.places.len();
    let each = corners.chunks_exact(count).zip(passed.chunks_exact(count));
    for (output, (corners, passed)) in each.enumerate() {
        let counts = arch().dispatch(|| lists.fill(patches.row(), corners, passed));
        for (column, (windows, count)) in lists.windows.iter().zip(counts).enumerate() {
            for group in 0..patches.groups {
                let filter = group * patches.filters() + (2 * output + column) * patches.filter();
                arch().dispatch(Gather {
                    windows: &windows[..count],
                    row: patches.row(),
                    input: &input[group * patches.group()..][..patches.group()],
                    sums: &mut sums[filter..][..patches.filter()],
                });
            }
        }
    }
}

/// `sums += gradient * patch` over all windows.
struct Gather<'a> {
    windows: &'a [Window],
    row: usize,
    input: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            1 => self.vectors::<S, REACH>(simd),
            _ => self.vectors::<S, { REACH / 2 }>(simd),
        }
    }
}

impl Gather<'_> {
    /// With `V` vectors for what a window's corners reach in a row.
    #[inline(always)]
    fn vectors<S: Simd, const V: usize>(self, simd: S) {
        let mut sums = [[simd.splat_f32s(0.0); V]; KERNEL];
        for window in self.windows {
            let value = simd.splat_f32s(window.gradient);
            let rows = &self.input[window.place as usize..];
            for (k, sums) in sums.iter_mut().enumerate() {
                let run = &rows[k * self.row..][..V * S::F32_LANES];
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.mul_add_e_f32s(value, load::<S>(&run[i * S::F32_LANES..]), *sum);
                }
            }
        }
        let places = self.sums.chunks_exact_mut(S::F32_LANES);
        for (place, sum) in places.zip(sums.into_iter().flatten()) {
            store::<S>(place, simd.add_f32s(load::<S>(place), sum));
        }
    }
}
