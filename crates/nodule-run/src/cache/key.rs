//! Cache key: identifies the network and the outputs that a cache file holds.

use nodule_nn::{KERNEL_VERSION, Network};
use nodule_seed::hex;
use nodule_train::save_checkpoint;
use sha2::Digest;

use super::PlaneImages;
use crate::Error;

/// Version of the cache file. Raised when its layout changes, or how its contents are computed.
const FORMAT: u32 = 1;

/// Returns the cache key: SHA-256 of run id, weights, images, read-out and methods of the maps, and kernel version.
pub(crate) fn cache_key(
    images: &PlaneImages,
    run: &str,
    network: &dyn Network,
) -> Result<String, Error> {
    let mut hash = images.hash.clone();
    hash.update(format!("{FORMAT} {KERNEL_VERSION} {run}\n"));
    hash.update(save_checkpoint(network)?);
    Ok(hex(hash.finalize()))
}
