//! Export as arrays for NumPy.

use std::fs::File;
use std::io::{BufWriter, Error as IoError};
use std::path::Path;

use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::NpzWriter;

use super::table::{LABELS, Table};
use super::unfinished::{Unfinished, write_file};
use crate::{DataSet, Error};

const ARRAYS: &str = "nodules.npz";

/// Writes `nodules.npz` (`images` f32 and `masks` u8 `[n, size, size]`, `labels` u8 `[n]`) and
/// `labels.csv` (index, label, shape, texture and every other latent) into `folder`, which must be
/// empty or not there yet.
///
/// # Errors
/// [`Error::Folder`] if the folder cannot be made or used, or holds anything already;
/// [`Error::Setting`] if the arrays of `data` do not fit together; [`Error::Write`] if a file cannot
/// be written. An export is there whole or, cut short, without `labels.csv`.
pub fn export_npz(data: &DataSet, folder: &Path) -> Result<(), Error> {
    data.validate()?;
    let unfinished = Unfinished::claim(folder)?;
    let path = unfinished.path().join(ARRAYS);
    write_file(&path, |file| write_arrays(data, file))?;
    let mut table = Table::create(unfinished.path())?;
    table.append(data)?;
    table.finish()?;
    unfinished.finish(&[ARRAYS, LABELS])
}

fn write_arrays(data: &DataSet, file: &mut BufWriter<File>) -> std::io::Result<()> {
    let (n, size) = (data.labels.len(), data.image_size);
    let images = ArrayView3::from_shape((n, size, size), &data.images).map_err(IoError::other)?;
    let masks = ArrayView3::from_shape((n, size, size), &data.masks).map_err(IoError::other)?;
    let mut npz = writer(file, size_of_val(data.images.as_slice()) as u64);
    npz.add_array("images", &images).map_err(IoError::other)?;
    npz.add_array("masks", &masks).map_err(IoError::other)?;
    npz.add_array("labels", &ArrayView1::from(&data.labels))
        .map_err(IoError::other)?;
    npz.finish().map_err(IoError::other)?;
    Ok(())
}

/// A writer for arrays of at most that many bytes.
fn writer(file: &mut BufWriter<File>, largest: u64) -> NpzWriter<&mut BufWriter<File>> {
    /// From here on an entry needs the wider fields of ZIP64; its header goes into the entry too.
    const LARGE: u64 = u32::MAX as u64 - (1 << 16);
    if largest < LARGE {
        return NpzWriter::new(file);
    }
    with_options(NpzWriter::new_with_options, file, |o| o.large_file(true))
}

/// `make(file, change(default))`, for options of a type that this crate cannot name.
fn with_options<F, O: Default, W>(
    make: impl FnOnce(F, O) -> W,
    file: F,
    change: impl FnOnce(O) -> O,
) -> W {
    make(file, change(O::default()))
}
