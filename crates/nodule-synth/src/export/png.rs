//! Export as PNG: one image and one mask per nodule.

use std::borrow::Borrow;
use std::fs;
use std::path::Path;

use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;

use super::grey;
use super::labels::{LABELS, Table};
use super::staging::{Staging, write_file};
use crate::error::write_error;
use crate::{DataSet, Error};

const IMAGES: &str = "images";
const MASKS: &str = "masks";
/// Minimum number of digits in a file's name.
const MIN_DIGITS: usize = 5;

/// Writes `images/00000.png`, `masks/00000.png` and so on (8-bit grey), and `labels.csv` as [`super::export_npz`]
/// does.
///
/// # Errors
/// As [`super::export_npz`].
pub fn export_png(data: &DataSet, folder: &Path) -> Result<(), Error> {
    export_png_chunks([Ok(data)], data.labels.len(), folder)
}

/// Writes the same files for a data set in chunks, as from [`crate::Generator::generate_chunks`], so that it need not
/// fit into memory. `n` is the number of images of all chunks: names have as many digits as its last index needs, at least
/// five, so that they sort as numbers do. Uses the threads of the current rayon pool.
///
/// # Errors
/// As [`super::export_npz`], and the first error of `chunks`.
pub fn export_png_chunks<D: Borrow<DataSet>>(
    chunks: impl IntoIterator<Item = Result<D, Error>>,
    n: usize,
    folder: &Path,
) -> Result<(), Error> {
    let staging = Staging::claim(folder)?;
    for kind in [IMAGES, MASKS] {
        let path = staging.path().join(kind);
        fs::create_dir(&path).map_err(write_error(&path))?;
    }
    let digits = n.saturating_sub(1).to_string().len().max(MIN_DIGITS);
    let mut table = Table::create(staging.path())?;
    for chunk in chunks {
        let chunk = chunk?;
        let chunk = chunk.borrow();
        chunk.validate()?;
        write_pictures(chunk, table.rows(), digits, staging.path())?;
        table.append(chunk)?;
    }
    table.finish()?;
    staging.finish(&[IMAGES, MASKS, LABELS])
}

/// Writes the pictures of a chunk whose first nodule has index `first`, with names of that many digits.
fn write_pictures(
    chunk: &DataSet,
    first: usize,
    digits: usize,
    folder: &Path,
) -> Result<(), Error> {
    let pixels = chunk.image_size * chunk.image_size;
    (0..chunk.labels.len()).into_par_iter().try_for_each(|i| {
        let name = format!("{:0digits$}.png", first + i);
        let range = i * pixels..(i + 1) * pixels;
        let image: Vec<u8> = chunk.images[range.clone()]
            .iter()
            .map(|v| grey(*v))
            .collect();
        let mask: Vec<u8> = chunk.masks[range].iter().map(|m| m.min(&1) * 255).collect();
        for (kind, bytes) in [(IMAGES, image), (MASKS, mask)] {
            let path = folder.join(kind).join(&name);
            write_file(&path, |file| {
                let size = chunk.image_size as u32;
                image::codecs::png::PngEncoder::new(file)
                    .write_image(&bytes, size, size, ExtendedColorType::L8)
                    .map_err(std::io::Error::other)
            })?;
        }
        Ok(())
    })
}
