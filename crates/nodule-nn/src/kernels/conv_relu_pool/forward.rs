//! Forward kernel of one image: direct convolution, or minimal filtering if that saves enough operations.

use super::direct::{self, direct};
use super::even_odd::EvenOddColumns;
use super::geometry::Geometry;
use super::winograd::{self, winograd};
use crate::kernels::arch::arch;

/// Weights, packed in the order in which the chosen kernel reads them.
pub(super) enum Packed {
    Direct(direct::Packed),
    Winograd(winograd::Packed),
}

/// Scratch buffers of one thread.
pub(super) struct Scratch {
    columns: EvenOddColumns,
    tiles: Vec<f32>,
}

/// Packs `weight` `[o, c, 5, 5]` and `bias` `[o]` for the kernel that suits the geometry.
pub(super) fn pack(geometry: &Geometry, weight: &[f32], bias: &[f32]) -> Packed {
    match winograd::is_faster(geometry) {
        true => Packed::Winograd(winograd::pack(geometry, weight, bias)),
        false => Packed::Direct(direct::pack(geometry, weight, bias)),
    }
}

/// Allocates scratch buffers.
pub(super) fn scratch(geometry: &Geometry) -> Scratch {
    let tiles_len = match winograd::is_faster(geometry) {
        true => winograd::tiles_len(geometry),
        false => 0,
    };
    Scratch {
        columns: EvenOddColumns::new(geometry),
        tiles: vec![0.0; tiles_len],
    }
}

/// Writes the output of `image` `[c, h, w]` to `pooled`, and the arg-max of every window to `argmax`, both
/// `[o][pooled height][pooled width]`.
pub(super) fn forward(
    geometry: &Geometry,
    packed: &Packed,
    image: &[f32],
    Scratch { columns, tiles }: &mut Scratch,
    pooled: &mut [f32],
    argmax: &mut [u32],
) {
    arch().dispatch(|| columns.deinterleave(geometry, image));
    match packed {
        Packed::Direct(packed) => direct(geometry, packed, columns, pooled, argmax),
        Packed::Winograd(packed) => winograd(geometry, packed, columns, tiles, pooled, argmax),
    }
}
