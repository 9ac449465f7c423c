//! Export as arrays for NumPy.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use ndarray::ArrayViewD;
use ndarray_npy::{NpzWriter, WritableElement};

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

fn write_arrays(data: &DataSet, file: &mut BufWriter<File>) -> io::Result<()> {
    let (n, size) = (data.labels.len(), data.image_size);
    let labels = data.class_indices();
    write_npz(
        file,
        &[
            ("images", &[n, size, size], ArrayValues::F32(&data.images)),
            ("masks", &[n, size, size], ArrayValues::U8(&data.masks)),
            ("labels", &[n], ArrayValues::U8(&labels)),
        ],
    )?;
    Ok(())
}

/// Values of an array for [`write_npz`], in C order.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ArrayValues<'a> {
    /// float32.
    F32(&'a [f32]),
    /// uint8.
    U8(&'a [u8]),
    /// uint64.
    U64(&'a [u64]),
}

/// Writes arrays, each with name, shape and values, as an uncompressed npz file for `numpy.load`.
///
/// ```
/// use std::io::Cursor;
///
/// use nodule_synth::export::{ArrayValues, write_npz};
///
/// let scores = ArrayValues::F32(&[0.5, -1.0]);
/// let file = write_npz(Cursor::new(Vec::new()), &[("scores", &[2], scores)])?;
/// assert!(file.into_inner().starts_with(b"PK"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the number of values differs from that of the shape, or the file cannot be written.
pub fn write_npz<W: Write + Seek>(
    file: W,
    arrays: &[(&str, &[usize], ArrayValues)],
) -> io::Result<W> {
    let mut npz = npz_writer(file, arrays.iter().map(|array| array.2.bytes()).max());
    for (name, shape, values) in arrays {
        match values {
            ArrayValues::F32(values) => add_array(&mut npz, name, shape, values),
            ArrayValues::U8(values) => add_array(&mut npz, name, shape, values),
            ArrayValues::U64(values) => add_array(&mut npz, name, shape, values),
        }?;
    }
    npz.finish().map_err(io::Error::other)
}

fn add_array<W: Write + Seek, T: WritableElement>(
    npz: &mut NpzWriter<W>,
    name: &str,
    shape: &[usize],
    values: &[T],
) -> io::Result<()> {
    let array = ArrayViewD::from_shape(shape, values).map_err(io::Error::other)?;
    npz.add_array(name, &array).map_err(io::Error::other)
}

/// Returns a writer for arrays of at most `max_bytes` each.
fn npz_writer<W: Write + Seek>(file: W, max_bytes: Option<usize>) -> NpzWriter<W> {
    /// Size from which an entry needs the wider fields of ZIP64, with room for its header.
    const MIN_ZIP64: usize = u32::MAX as usize - (1 << 16);
    if max_bytes.is_none_or(|bytes| bytes < MIN_ZIP64) {
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

impl ArrayValues<'_> {
    fn bytes(self) -> usize {
        match self {
            Self::F32(values) => size_of_val(values),
            Self::U8(values) => size_of_val(values),
            Self::U64(values) => size_of_val(values),
        }
    }
}
