//! Batched forward passes over many images: embeddings and logits as plain arrays.

use candle_core::Tensor;
use nodule_error::conflict;
use nodule_nn::Network;

use crate::Error;

/// Images of one forward pass: enough for efficient matrix products, few enough for the cache.
const BATCH: usize = 64;

/// Outputs of a network for `n` images.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Inference {
    /// Embeddings, row-major `[n, dimension]`.
    pub embeddings: Vec<f32>,
    /// Dimension of an embedding; 0 if there is no image.
    pub dimension: usize,
    /// Logits, row-major `[n, 2]`.
    pub logits: Vec<f32>,
}

/// Returns the outputs of `network` for `images` `[n, size, size]`, with the network's image size, in order.
///
/// # Errors
/// If the number of pixels is not a multiple of an image's, or the device fails.
///
/// ```
/// use nodule_nn::{LeNet, LeNetConfig, seeded_weights};
/// use nodule_train::{infer, open_device};
///
/// let config = LeNetConfig { image_size: 16, ..LeNetConfig::default() };
/// let network = LeNet::new(&config, seeded_weights(7, &open_device("cpu")?))?;
/// let outputs = infer(&network, &vec![0.5; 3 * 16 * 16])?;
/// assert_eq!(outputs.logits.len(), 3 * 2);
/// assert_eq!(outputs.embeddings.len(), 3 * outputs.dimension);
/// # Ok::<(), nodule_train::Error>(())
/// ```
pub fn infer(network: &dyn Network, images: &[f32]) -> Result<Inference, Error> {
    let size = network.image_size();
    let pixels = size * size;
    if !images.len().is_multiple_of(pixels) {
        let reason = format!(
            "{} pixels are not whole images of {size} x {size} pixels",
            images.len()
        );
        return Err(conflict("images", reason).into());
    }
    let n = images.len() / pixels;
    let mut outputs = Inference {
        embeddings: Vec::new(),
        dimension: 0,
        logits: Vec::with_capacity(n * 2),
    };
    for batch in images.chunks(BATCH * pixels) {
        let shape = (batch.len() / pixels, 1, size, size);
        let output =
            network.forward_output(&Tensor::from_slice(batch, shape, network.device())?)?;
        if outputs.dimension == 0 {
            outputs.dimension = output.embedding.dim(1)?;
            outputs.embeddings.reserve_exact(n * outputs.dimension);
        }
        outputs
            .embeddings
            .extend(output.embedding.flatten_all()?.to_vec1::<f32>()?);
        outputs
            .logits
            .extend(output.logits.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(outputs)
}
