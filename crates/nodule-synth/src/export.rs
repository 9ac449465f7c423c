//! Export: NumPy arrays or pictures, with a table of labels and latents.

use std::fs::{self, File};
use std::io::{BufWriter, Cursor};
use std::path::Path;

use image::{GrayImage, ImageFormat};
use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::NpzWriter;

use crate::error::file_error;
use crate::{DataSet, Error};

/// Writes `nodules.npz` (`images` f32 and `masks` u8 `[n, size, size]`, `labels` u8 `[n]`) and
/// `labels.csv` (index, label, shape, texture and every other latent) into `folder`.
///
/// # Errors
/// If the folder cannot be made or written to. Each file is there whole or not at all.
pub fn export_npz(data: &DataSet, folder: &Path) -> Result<(), Error> {
    create(folder)?;
    write_whole(&folder.join("nodules.npz"), |file| write_arrays(data, file))?;
    write_labels(data, folder)
}

/// Writes `images/00000.png`, `masks/00000.png` and so on, 8-bit grey, and `labels.csv`.
///
/// # Errors
/// As [`export_npz`].
pub fn export_png(data: &DataSet, folder: &Path) -> Result<(), Error> {
    let (images, masks) = (folder.join("images"), folder.join("masks"));
    create(&images)?;
    create(&masks)?;
    let pixels = data.image_size * data.image_size;
    let size = data.image_size as u32;
    for i in 0..data.labels.len() {
        let name = format!("{i:05}.png");
        let image = data.images[i * pixels..][..pixels]
            .iter()
            .map(|v| grey(*v))
            .collect();
        let mask = data.masks[i * pixels..][..pixels]
            .iter()
            .map(|m| m * 255)
            .collect();
        for (folder, bytes) in [(&images, image), (&masks, mask)] {
            let picture = GrayImage::from_raw(size, size, bytes).unwrap_or_default();
            write_whole(&folder.join(&name), |file| write_png(&picture, file))?;
        }
    }
    write_labels(data, folder)
}

/// Nodules side by side: each row a slice of images `[size, size]`, separated by a light line.
#[must_use]
pub fn contact_sheet(rows: &[Vec<&[f32]>], size: usize) -> GrayImage {
    const GAP: usize = 2;
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let extent = |count: usize| (count * (size + GAP) + GAP) as u32;
    let mut sheet = GrayImage::from_pixel(extent(columns), extent(rows.len()), image::Luma([255]));
    for (r, row) in rows.iter().enumerate() {
        for (c, picture) in row.iter().enumerate() {
            for (i, value) in picture.iter().enumerate() {
                let x = GAP + c * (size + GAP) + i % size;
                let y = GAP + r * (size + GAP) + i / size;
                sheet.put_pixel(x as u32, y as u32, image::Luma([grey(*value)]));
            }
        }
    }
    sheet
}

fn grey(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|e| Error::Folder {
        path: folder.to_path_buf(),
        reason: format!("is not a folder and cannot be made one ({e}): choose another --out"),
    })
}

/// Writes beside `path`, then renames: an interrupted export leaves no half file.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = File::create(&temporary)
        .and_then(|file| {
            let mut file = BufWriter::new(file);
            write(&mut file)?;
            file.into_inner()
                .map_err(std::io::IntoInnerError::into_error)?
                .sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the error that matters is the one being reported.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(file_error(path))
}

fn write_arrays(data: &DataSet, file: &mut BufWriter<File>) -> std::io::Result<()> {
    let (n, size) = (data.labels.len(), data.image_size);
    let images =
        ArrayView3::from_shape((n, size, size), &data.images).map_err(std::io::Error::other)?;
    let masks =
        ArrayView3::from_shape((n, size, size), &data.masks).map_err(std::io::Error::other)?;
    let mut npz = NpzWriter::new(file);
    npz.add_array("images", &images)
        .map_err(std::io::Error::other)?;
    npz.add_array("masks", &masks)
        .map_err(std::io::Error::other)?;
    npz.add_array("labels", &ArrayView1::from(&data.labels))
        .map_err(std::io::Error::other)?;
    npz.finish().map_err(std::io::Error::other)?;
    Ok(())
}

fn write_png(picture: &GrayImage, file: &mut BufWriter<File>) -> std::io::Result<()> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(std::io::Error::other)?;
    std::io::Write::write_all(file, bytes.get_ref())
}

fn write_labels(data: &DataSet, folder: &Path) -> Result<(), Error> {
    write_whole(&folder.join("labels.csv"), |file| {
        let mut table = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(file);
        table.write_record([
            "index",
            "label",
            "shape",
            "texture",
            "size",
            "elongation",
            "rotation",
            "position_x",
            "position_y",
            "contrast",
            "brightness",
            "background_texture",
            "noise",
            "blur",
            "outline",
            "outline_seed",
            "texture_seed",
            "background_seed",
            "noise_seed",
        ])?;
        for (i, (label, latents)) in data.labels.iter().zip(&data.latents).enumerate() {
            table.serialize((i, label, latents))?;
        }
        table.flush()
    })
}
