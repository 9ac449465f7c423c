//! Export as arrays for NumPy.

use std::fs::File;
use std::io::{BufWriter, Error as IoError};
use std::path::Path;

use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::NpzWriter;

use super::labels::{LABELS, Table};
use super::staging::{Staging, write_file};
use crate::{DataSet, Error};

const ARRAYS: &str = "nodules.npz";

/// Writes `nodules.npz` (`images` f32 and `masks` u8 `[n, size, size]`, `labels` u8 `[n]`) and `labels.csv` (index,
/// label, shape, texture and every other latent) into `folder`, which must be empty or absent.
///
/// An interrupted export has no `labels.csv`.
///
/// # Errors
/// [`Error::Folder`] if the folder cannot be created or is not empty; [`Error::Setting`] if the arrays of `data` differ
/// in length; [`Error::Write`] if a file cannot be written.
pub fn export_npz(data: &DataSet, folder: &Path) -> Result<(), Error> {
    data.validate()?;
    let staging = Staging::claim(folder)?;
    let path = staging.path().join(ARRAYS);
    write_file(&path, |file| write_arrays(data, file))?;
    let mut table = Table::create(staging.path())?;
    table.append(data)?;
    table.finish()?;
    staging.finish(&[ARRAYS, LABELS])
}

fn write_arrays(data: &DataSet, file: &mut BufWriter<File>) -> std::io::Result<()> {
    let shape = (data.labels.len(), data.image_size, data.image_size);
    let images = ArrayView3::from_shape(shape, &data.images).map_err(IoError::other)?;
    let masks = ArrayView3::from_shape(shape, &data.masks).map_err(IoError::other)?;
    let labels = data.class_indices();
    let mut npz = npz_writer(file, size_of_val(data.images.as_slice()) as u64);
    npz.add_array("images", &images).map_err(IoError::other)?;
    npz.add_array("masks", &masks).map_err(IoError::other)?;
    npz.add_array("labels", &ArrayView1::from(&labels))
        .map_err(IoError::other)?;
    npz.finish().map_err(IoError::other)?;
    Ok(())
}

/// Returns a writer for arrays of at most `max_bytes` each.
fn npz_writer(file: &mut BufWriter<File>, max_bytes: u64) -> NpzWriter<&mut BufWriter<File>> {
    /// Size from which an entry needs the wider fields of ZIP64, with room for its header.
    const MIN_ZIP64: u64 = u32::MAX as u64 - (1 << 16);
    if max_bytes < MIN_ZIP64 {
        return NpzWriter::new(file);
    }
    with_options(NpzWriter::new_with_options, file, |o| o.large_file(true))
}

/// Returns `make(file, change(default))`. The options' type is inferred, because ndarray-npy does not export it.
fn with_options<F, O: Default, W>(
    make: impl FnOnce(F, O) -> W,
    file: F,
    change: impl FnOnce(O) -> O,
) -> W {
    make(file, change(O::default()))
}
