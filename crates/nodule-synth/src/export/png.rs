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

/// Writes `images/00000.png`, `masks/00000.png` and so on (8-bit grey), and `labels.csv` as [`super::export_npz`]
/// does.
///
/// # Errors
/// As [`super::export_npz`].
pub fn export_png(data: &DataSet, folder: &Path) -> Result<(), Error> {
    export_png_chunks([Ok(data)], folder)
}

/// Writes the same files for a data set in chunks, as from [`crate::Generator::generate_chunks`], so that it need not
/// fit into memory. Uses the threads of the current rayon pool.
///
/// # Errors
/// As [`super::export_npz`], and the first error of `chunks`.
pub fn export_png_chunks<D: Borrow<DataSet>>(
    chunks: impl IntoIterator<Item = Result<D, Error>>,
    folder: &Path,
) -> Result<(), Error> {
    let staging = Staging::claim(folder)?;
    for kind in [IMAGES, MASKS] {
        let path = staging.path().join(kind);
        fs::create_dir(&path).map_err(write_error(&path))?;
    }
    let mut table = Table::create(staging.path())?;
    for chunk in chunks {
        let chunk = chunk?;
        let chunk = chunk.borrow();
        chunk.validate()?;
        write_pictures(chunk, table.rows(), staging.path())?;
        table.append(chunk)?;
    }
    table.finish()?;
    staging.finish(&[IMAGES, MASKS, LABELS])
}

/// Writes the pictures of a chunk whose first nodule has index `first`.
fn write_pictures(chunk: &DataSet, first: usize, folder: &Path) -> Result<(), Error> {
    let pixels = chunk.image_size * chunk.image_size;
    (0..chunk.labels.len()).into_par_iter().try_for_each(|i| {
        let name = format!("{:05}.png", first + i);
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
