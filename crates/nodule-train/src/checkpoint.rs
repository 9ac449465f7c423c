//! Checkpoints: safetensors with PyTorch's names and layouts, so that PyTorch loads them as is.
//!
//! ```python
//! network.load_state_dict(safetensors.torch.load_file("model.safetensors"))
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use nodule_nn::{Architecture, Network, set_parameters};
use safetensors::tensor::{Dtype, TensorView};

use crate::Error;

/// The bytes of a checkpoint of `network`: f32, little-endian, tensors sorted by name.
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
    let views = buffers.iter().map(|(name, (shape, bytes))| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
    });
    let views: Vec<_> = views
        .collect::<Result<_, _>>()
        .map_err(candle_core::Error::from)?;
    Ok(safetensors::serialize(views, None).map_err(candle_core::Error::from)?)
}

/// The network of that architecture that the checkpoint at `path` holds.
///
/// # Errors
/// [`Error::File`] if it cannot be read; [`Error::Checkpoint`] if it is not a checkpoint of such a
/// network, naming the tensor at fault.
pub fn load_checkpoint(
    path: &Path,
    architecture: &dyn Architecture,
    device: &Device,
) -> Result<Box<dyn Network>, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::File {
        path: path.into(),
        source,
    })?;
    let refuse = |reason: String| Error::Checkpoint {
        path: path.into(),
        reason,
    };
    let tensors: BTreeMap<String, Tensor> = candle_core::safetensors::load_buffer(&bytes, device)
        .map_err(|e| refuse(format!("not a safetensors file: {e}")))?
        .into_iter()
        .collect();
    // Which weights it begins with does not matter: every one of them is set.
    let network = architecture.build(0, device)?;
    set_parameters(network.as_ref(), &tensors).map_err(|e| refuse(e.to_string()))?;
    Ok(network)
}
