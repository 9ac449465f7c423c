//! The arrays of a set, as an npz file for `numpy.load`.

use std::io::Cursor;

use nodule_study::Error;
use nodule_synth::DataSet;
use nodule_synth::export::{ArrayValues, write_npz};

use super::manifest::set_file;

/// Returns the file's bytes: `images` `[n, size, size]` float32 in [0, 1], `labels` `[n]` uint8, `id` `[n]` uint64,
/// and `masks` `[n, size, size]` uint8 if `with_masks`.
pub(super) fn arrays(
    set: &str,
    data: &DataSet,
    ids: &[u64],
    with_masks: bool,
) -> Result<Vec<u8>, Error> {
    let (n, size) = (data.labels.len(), data.image_size);
    let labels = data.class_indices();
    let (image_shape, column_shape): (&[usize], &[usize]) = (&[n, size, size], &[n]);
    let mut arrays = vec![
        ("images", image_shape, ArrayValues::F32(&data.images)),
        ("labels", column_shape, ArrayValues::U8(&labels)),
        ("id", column_shape, ArrayValues::U64(ids)),
    ];
    if with_masks {
        arrays.push(("masks", image_shape, ArrayValues::U8(&data.masks)));
    }
    let file = write_npz(Cursor::new(Vec::new()), &arrays)
        .map_err(|e| Error::cannot_make(set_file(set), e))?;
    Ok(file.into_inner())
}
