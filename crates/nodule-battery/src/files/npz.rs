//! The arrays of a set, as `numpy.load` reads them.

use std::io::Cursor;

use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::{NpzWriter, WriteNpzError};
use nodule_study::Error;
use nodule_synth::DataSet;

use super::manifest::file_of;

/// `images` `[n, size, size]` float32 in [0, 1], `labels` `[n]` uint8, `id` `[n]` uint64, and `masks`
/// `[n, size, size]` uint8 where `with_masks`.
pub(super) fn arrays(
    set: &str,
    data: &DataSet,
    ids: &[u64],
    with_masks: bool,
) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::made(file_of(set), e);
    let shape = (data.labels.len(), data.image_size, data.image_size);
    let images = ArrayView3::from_shape(shape, &data.images).map_err(|e| failed(e.to_string()))?;
    let masks = ArrayView3::from_shape(shape, &data.masks).map_err(|e| failed(e.to_string()))?;
    let write = || -> Result<Vec<u8>, WriteNpzError> {
        let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
        npz.add_array("images", &images)?;
        npz.add_array("labels", &ArrayView1::from(&data.class_indices()))?;
        npz.add_array("id", &ArrayView1::from(ids))?;
        if with_masks {
            npz.add_array("masks", &masks)?;
        }
        Ok(npz.finish()?.into_inner())
    };
    write().map_err(|e| failed(e.to_string()))
}
