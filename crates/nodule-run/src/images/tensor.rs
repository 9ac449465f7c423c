//! Conversion between images in plain arrays and tensors.

use candle_core::{Device, Tensor};
use nodule_synth::DataSet;

use crate::Error;

/// Returns the images of a set as `[n, 1, size, size]` on the CPU.
pub(crate) fn dataset_to_tensor(data: &DataSet) -> Result<Tensor, Error> {
    images_to_tensor(&data.images, data.image_size)
}

/// Returns images `[n, size, size]` as `[n, 1, size, size]` on the CPU.
pub(crate) fn images_to_tensor(images: &[f32], size: usize) -> Result<Tensor, Error> {
    let shape = (images.len() / (size * size), 1, size, size);
    Ok(Tensor::from_slice(images, shape, &Device::Cpu)?)
}

/// Returns the values of a tensor, row-major.
pub(crate) fn tensor_to_vec(tensor: &Tensor) -> Result<Vec<f32>, Error> {
    Ok(tensor.flatten_all()?.to_vec1::<f32>()?)
}
