//! Forward passes over a whole set: embeddings and logits, in batches.

use candle_core::Tensor;
use nodule_error::invalid_value;
use nodule_nn::Network;

use crate::Error;

/// Images of one forward pass: enough to keep the matrix products busy, small enough for the cache.
const BATCH: usize = 64;

/// What a network says of `n` images.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Inference {
    /// Embeddings, row-major `[n, dimension]`.
    pub embeddings: Vec<f32>,
    /// Size of one embedding; 0 where there is no image.
    pub dimension: usize,
    /// Logits, row-major `[n, 2]`.
    pub logits: Vec<f32>,
}

/// Runs `network` over `images`, `[n, size, size]` of the network's own size, in order.
///
/// # Errors
/// If the images are not of the network's size, or the device fails.
pub fn infer(network: &dyn Network, images: &[f32]) -> Result<Inference, Error> {
    let size = network.image_size();
    let pixels = size * size;
    if !images.len().is_multiple_of(pixels) {
        let found = format!("{} pixels", images.len());
        let allowed = format!("whole images of {size} x {size} pixels");
        return Err(invalid_value("images", found, allowed).into());
    }
    let n = images.len() / pixels;
    let mut all = Inference {
        embeddings: Vec::new(),
        dimension: 0,
        logits: Vec::with_capacity(n * 2),
    };
    for batch in images.chunks(BATCH * pixels) {
        let shape = (batch.len() / pixels, 1, size, size);
        let output =
            network.forward_output(&Tensor::from_slice(batch, shape, network.device())?)?;
        if all.dimension == 0 {
            all.dimension = output.embedding.dim(1)?;
            all.embeddings.reserve_exact(n * all.dimension);
        }
        all.embeddings
            .extend(output.embedding.flatten_all()?.to_vec1::<f32>()?);
        all.logits
            .extend(output.logits.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(all)
}
