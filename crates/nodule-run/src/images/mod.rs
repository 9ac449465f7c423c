//! Images as tensors, and the training and validation images of a run. Images that all runs share come from
//! `nodule-battery`.

mod combinations;
mod tensor;
mod training;

pub(crate) use combinations::one_nodule_per_combination;
pub(crate) use tensor::{dataset_to_tensor, images_to_tensor, tensor_to_vec};
pub(crate) use training::{LabelledSet, RunImages};
