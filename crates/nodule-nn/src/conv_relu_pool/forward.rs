//! The forward kernel: directly, or with fewer products where their transformation pays.

use super::direct::{self, direct};
use super::geometry::Geometry;
use super::halves::Halves;
use super::winograd::{self, winograd};
use crate::arch::arch;

/// Weights in the order the kernel reads them.
pub(super) enum Packed {
    Direct(direct::Packed),
    Winograd(winograd::Packed),
}

/// Scratch memory of one thread.
pub(super) struct Scratch {
    halves: Halves,
    tiles: Vec<f32>,
}

pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    match winograd::pays(geometry) {
        true => Packed::Winograd(winograd::pack(geometry, weight, bias)),
        false => Packed::Direct(direct::pack(geometry, weight, bias)),
    }
}

pub(super) fn scratch(geometry: &Geometry) -> Scratch {
    Scratch {
        halves: Halves::new(geometry),
        tiles: vec![
            0.0;
            if winograd::pays(geometry) {
                winograd::tiles(geometry)
            } else {
                0
            }
        ],
    }
}

/// One image: `pooled` gets the maxima, `winners` for each the corner of its window that it came from, 0 to 3,
/// row by row.
pub(super) fn forward(
    geometry: &Geometry,
    packed: &Packed,
    image: &[f32],
    Scratch { halves, tiles }: &mut Scratch,
    pooled: &mut [f32],
    winners: &mut [u32],
) {
    arch().dispatch(|| halves.split(geometry, image));
    match packed {
        Packed::Direct(packed) => direct(geometry, packed, halves, pooled, winners),
        Packed::Winograd(packed) => winograd(geometry, packed, halves, tiles, pooled, winners),
    }
}
