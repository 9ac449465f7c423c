//! Which images do all networks of a study share? Test sets, counterfactual pairs, the square of the
//! landscape; drawn once a process.

mod gallery;
mod images;
mod shared;
mod square;
mod test_images;

pub use gallery::gallery;
pub use images::images;
pub use shared::{
    CORNERS, Corners, LEVELS, Pairs, SharedSets, factorial, generator, same_sets, shared_sets,
};
pub use square::{POINTS, Square, points, square};
pub use test_images::TestImages;
