//! Checkpoints of networks: safetensors files with PyTorch's names and layouts.
//!
//! ```python
//! network.load_state_dict(safetensors.torch.load_file("model.safetensors"))
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use nodule_error::{failed_to, read_file};
use nodule_nn::{Architecture, Network, set_parameters};
use safetensors::tensor::{Dtype, TensorView};

use crate::Error;

/// Returns the checkpoint of `network` as the bytes of a safetensors file: f32, little-endian, tensors sorted by name.
///
/// # Errors
/// If the device fails.
pub fn save_checkpoint(network: &dyn Network) -> Result<Vec<u8>, Error> {
    let mut buffers = BTreeMap::new();
    for (name, parameter) in network.parameters() {
        let values = parameter.flatten_all()?.to_vec1::<f32>()?;
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        buffers.insert(name, (parameter.dims().to_vec(), bytes));
    }
    let views: Vec<_> = buffers
        .iter()
        .map(|(name, (shape, bytes))| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
        })
        .collect::<Result<_, _>>()
        .map_err(candle_core::Error::from)?;
    Ok(safetensors::serialize(views, None).map_err(candle_core::Error::from)?)
}

/// Loads the network of `architecture` from the checkpoint at `path`.
///
/// # Errors
/// [`Error::File`] if the file cannot be read; [`Error::Checkpoint`], with the name of the tensor, if it is not a
/// checkpoint of such a network.
///
/// ```
/// use nodule_nn::{Architecture, LeNetConfig};
/// use nodule_train::{load_checkpoint, open_device, save_checkpoint};
///
/// let device = open_device("cpu")?;
/// let architecture = LeNetConfig { image_size: 16, ..LeNetConfig::default() };
/// let network = architecture.build(7, &device)?;
/// let path = std::env::temp_dir().join("nodule-train-doc.safetensors");
/// std::fs::write(&path, save_checkpoint(network.as_ref())?).unwrap();
/// let copy = load_checkpoint(&path, &architecture, &device)?;
/// assert_eq!(save_checkpoint(copy.as_ref())?, save_checkpoint(network.as_ref())?);
/// # Ok::<(), nodule_train::Error>(())
/// ```
pub fn load_checkpoint(
    path: &Path,
    architecture: &dyn Architecture,
    device: &Device,
) -> Result<Box<dyn Network>, Error> {
    let bytes = read_file(path).map_err(failed_to("read", path))?;
    let error = |reason: String| Error::Checkpoint {
        path: path.into(),
        reason,
    };
    let tensors: BTreeMap<String, Tensor> = candle_core::safetensors::load_buffer(&bytes, device)
        .map_err(|e| error(format!("not a safetensors file: {e}")))?
        .into_iter()
        .collect();
    // The seed of the initial weights is irrelevant, since all of them are overwritten.
    let network = architecture.build(0, device)?;
    set_parameters(network.as_ref(), &tensors).map_err(|e| error(e.to_string()))?;
    Ok(network)
}
