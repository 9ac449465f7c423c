//! Images as tensors, for the networks of this crate; and those that a run has to itself. Which images all runs
//! share is the battery's to say.

mod tensor;
mod training;

pub(crate) use tensor::{image_tensor, images_tensor, map_values};
pub(crate) use training::{Labelled, OwnSets};
