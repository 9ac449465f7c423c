//! Images that all networks of a study share, rendered once per process: test sets, counterfactual pairs, the
//! shape-texture plane, and sets for maps, representations and timelines.

mod gallery;
mod plane;
mod render;
mod shared;
mod test_images;

pub use gallery::generate_gallery;
pub use plane::{POINTS, Plane, plane_points, render_plane};
pub use render::render_images;
pub use shared::{
    CORNERS, Corners, PAIR_LEVELS, Pairs, SharedSets, build_generator, generate_factorial,
    have_same_sets, render_shared_sets,
};
pub use test_images::TestImages;
