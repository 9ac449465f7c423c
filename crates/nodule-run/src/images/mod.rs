//! Which images do all runs of a study share? Test sets, counterfactual pairs, the square of the
//! landscape; drawn once a process.

mod shared;
mod square;
mod tensor;
mod test_set;

pub(crate) use shared::{CORNERS, Pairs, SharedSets, factorial, generator, same_sets, shared_sets};
pub(crate) use square::{POINTS, Square, square};
pub(crate) use tensor::{image_tensor, images_tensor, map_values};
pub(crate) use test_set::TestImages;
