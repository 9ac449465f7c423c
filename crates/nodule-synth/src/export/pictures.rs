//! Export as pictures: one of the image and one of the mask for every nodule.

use std::borrow::Borrow;
use std::fs;
use std::path::Path;

use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;

use super::grey;
use super::table::{LABELS, Table};
use super::unfinished::{Unfinished, write_file};
use crate::error::write_error;
use crate::{DataSet, Error};

const IMAGES: &str = "images";
const MASKS: &str = "masks";

/// Writes `images/00000.png`, `masks/00000.png` and so on, 8-bit grey, and `labels.csv` as
/// [`super::export_npz`] does.
///
/// # Errors
/// As [`super::export_npz`].
pub fn export_png(data: &DataSet, folder: &Path) -> Result<(), Error> {
    export_png_parts([Ok(data)], folder)
}

/// The same for a data set that comes a part at a time, as from [`crate::generate_parts`]: it need
/// not fit into memory. Pictures are written on the threads of the current rayon pool.
///
/// # Errors
/// As [`super::export_npz`], and the first of `parts`.
pub fn export_png_parts<D: Borrow<DataSet>>(
    parts: impl IntoIterator<Item = Result<D, Error>>,
    folder: &Path,
) -> Result<(), Error> {
    let unfinished = Unfinished::claim(folder)?;
    for kind in [IMAGES, MASKS] {
        let path = unfinished.path().join(kind);
        fs::create_dir(&path).map_err(write_error(&path))?;
    }
    let mut table = Table::create(unfinished.path())?;
    for part in parts {
        let part = part?;
        let part = part.borrow();
        part.validate()?;
        write_pictures(part, table.rows(), unfinished.path())?;
        table.append(part)?;
    }
    table.finish()?;
    unfinished.finish(&[IMAGES, MASKS, LABELS])
}

/// The pictures of a part whose first nodule is number `first` of all.
fn write_pictures(part: &DataSet, first: usize, folder: &Path) -> Result<(), Error> {
    let pixels = part.image_size * part.image_size;
    (0..part.labels.len()).into_par_iter().try_for_each(|i| {
        let name = format!("{:05}.png", first + i);
        let of = i * pixels..(i + 1) * pixels;
        let image: Vec<u8> = part.images[of.clone()].iter().map(|v| grey(*v)).collect();
        let mask: Vec<u8> = part.masks[of].iter().map(|m| m.min(&1) * 255).collect();
        for (kind, bytes) in [(IMAGES, image), (MASKS, mask)] {
            let path = folder.join(kind).join(&name);
            write_file(&path, |file| {
                let size = part.image_size as u32;
                image::codecs::png::PngEncoder::new(file)
                    .write_image(&bytes, size, size, ExtendedColorType::L8)
                    .map_err(std::io::Error::other)
            })?;
        }
        Ok(())
    })
}
