//! Images as tensors, for the networks of this crate. Which images all runs share is the battery's to say.

mod tensor;

pub(crate) use tensor::{image_tensor, images_tensor, map_values};
