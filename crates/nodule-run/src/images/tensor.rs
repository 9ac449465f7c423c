//! Images as tensors.

use crate::Error;
use candle_core::{Device, Tensor};
use nodule_synth::DataSet;

/// The images of a set as `[n, 1, size, size]` on the CPU.
pub(crate) fn image_tensor(data: &DataSet) -> Result<Tensor, Error> {
    images_tensor(&data.images, data.image_size)
}

/// Images one after the other as `[n, 1, size, size]` on the CPU.
pub(crate) fn images_tensor(images: &[f32], size: usize) -> Result<Tensor, Error> {
    let shape = (images.len() / (size * size), 1, size, size);
    let images = Tensor::from_slice(images, shape, &Device::Cpu);
    Ok(images.map_err(nodule_explain::Error::from)?)
}

/// The values of maps, image by image.
pub(crate) fn map_values(maps: &Tensor) -> Result<Vec<f32>, Error> {
    let values = maps.flatten_all().and_then(|m| m.to_vec1::<f32>());
    Ok(values.map_err(nodule_explain::Error::from)?)
}
