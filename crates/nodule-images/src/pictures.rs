//! A folder of PNG, and what `labels.csv` says of each.

use std::fs;
use std::path::{Path, PathBuf};

use image::{ColorType, ImageFormat, ImageReader};
use nodule_error::{InvalidInput, invalid_value};
use nodule_seed::sha256_hex_of_parts;
use serde::Deserialize;

use crate::Error;
use crate::check::{Read, name_of, numbered};
use crate::error::{content, file};

/// The table of a folder.
const LABELS: &str = "labels.csv";
/// Pixels along a side at most: what a header announces is not believed.
const MOST_PIXELS: u32 = 4096;

/// A line of `labels.csv`.
#[derive(Debug, Deserialize)]
struct Row {
    file: Option<String>,
    /// Of an export of the generator, whose files are called by it.
    index: Option<usize>,
    label: i64,
    mask: Option<String>,
    group: Option<String>,
    shape: Option<f64>,
    texture: Option<f64>,
}

pub(crate) fn read(folder: &Path) -> Result<Read, Error> {
    let table = folder.join(LABELS);
    let text = fs::read(&table).map_err(|e| file(&table, e))?;
    let rows: Result<Vec<Row>, _> = csv::Reader::from_reader(text.as_slice())
        .deserialize()
        .collect();
    let mut rows = rows.map_err(|e| content(&table, e))?;
    for (i, row) in rows.iter_mut().enumerate() {
        let line = || format!("{}:{}", table.display(), i + 2);
        row.name().map_err(|e| e.at(line()))?;
    }
    let mut parts = vec![text];
    let mut images = Vec::new();
    let mut masks = Vec::new();
    let mut size = None;
    for (i, row) in rows.iter().enumerate() {
        let line = format!("{}:{}", table.display(), i + 2);
        let file = row.file.as_deref().unwrap_or_default();
        let (found, values) = picture(folder, file, &line, &mut parts)?;
        let size = *size.get_or_insert(found);
        same_size(file, found, size, &line)?;
        images.extend(values);
        if let Some(mask) = &row.mask {
            let (found, values) = picture(folder, mask, &line, &mut parts)?;
            same_size(mask, found, size, &line)?;
            // Black is outside, anything else inside.
            masks.extend(values.into_iter().map(|v| u8::from(v > 0.0)));
        }
    }
    let all = |given: usize, column: &str| match given {
        0 => Ok(false),
        n if n == rows.len() => Ok(true),
        n => {
            let allowed = "in every row or in none";
            let found = format!("in {n} of {} rows", rows.len());
            Err(Error::from(
                invalid_value(column, found, allowed).at(table.to_string_lossy()),
            ))
        }
    };
    let masked = all(rows.iter().filter(|r| r.mask.is_some()).count(), "mask")?;
    let grouped = all(rows.iter().filter(|r| r.group.is_some()).count(), "group")?;
    let shaped = all(rows.iter().filter(|r| r.shape.is_some()).count(), "shape")?;
    let textured = all(
        rows.iter().filter(|r| r.texture.is_some()).count(),
        "texture",
    )?;
    let ratings = |of: fn(&Row) -> Option<f64>| rows.iter().filter_map(of).collect();
    Ok(Read {
        name: name_of(folder),
        image_size: size.unwrap_or_default(),
        images,
        labels: rows.iter().map(|row| row.label).collect(),
        masks: masked.then_some(masks),
        groups: grouped.then(|| numbered(rows.iter().filter_map(|row| row.group.clone()))),
        shape: shaped.then(|| ratings(|row| row.shape)),
        texture: textured.then(|| ratings(|row| row.texture)),
        sha256: sha256_hex_of_parts(&parts),
    })
}

impl Row {
    /// Names the files of an export: `images/00007.png` and `masks/00007.png` of index 7.
    fn name(&mut self) -> Result<(), InvalidInput> {
        if let (None, Some(index)) = (&self.file, self.index) {
            self.file = Some(format!("images/{index:05}.png"));
            self.mask = Some(format!("masks/{index:05}.png"));
        }
        match &self.file {
            Some(_) => Ok(()),
            None => Err(invalid_value(
                "file",
                "none",
                "a picture of this folder, in a column `file`",
            )),
        }
    }
}

/// Size and intensities of a square grey picture; its file is added to `parts`.
fn picture(
    folder: &Path,
    name: &str,
    line: &str,
    parts: &mut Vec<Vec<u8>>,
) -> Result<(usize, Vec<f32>), Error> {
    let path = inside(folder, name, line)?;
    let bytes = fs::read(&path).map_err(|e| file(&path, e))?;
    let broken = |e: image::ImageError| content(&path, format!("is no PNG that can be read: {e}"));
    let mut reader = ImageReader::with_format(std::io::Cursor::new(&bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    reader.limits(limits);
    let picture = reader.decode().map_err(broken)?;
    let (width, height) = (picture.width(), picture.height());
    if width != height {
        let reason = format!("is {width} by {height} pixels: must be square");
        return Err(content(&path, reason));
    }
    let values = match picture.color() {
        ColorType::L8 => picture
            .to_luma8()
            .iter()
            .map(|v| f32::from(*v) / 255.0)
            .collect(),
        ColorType::L16 => {
            let grey = picture.to_luma16();
            grey.iter().map(|v| f32::from(*v) / 65_535.0).collect()
        }
        other => {
            let reason =
                format!("is of {other:?}: must be grey, of 8 or 16 bits and without alpha");
            return Err(content(&path, reason));
        }
    };
    parts.push(bytes);
    Ok((width as usize, values))
}

/// A file of the folder: what the table names never lies outside.
fn inside(folder: &Path, name: &str, line: &str) -> Result<PathBuf, Error> {
    let plain = Path::new(name).components();
    let plain = plain
        .into_iter()
        .all(|c| matches!(c, std::path::Component::Normal(_)));
    match plain && !name.is_empty() {
        true => Ok(folder.join(name)),
        false => Err(invalid_value("file", name, "a file in this folder")
            .at(line)
            .into()),
    }
}

fn same_size(name: &str, found: usize, first: usize, line: &str) -> Result<(), Error> {
    if found == first {
        return Ok(());
    }
    let allowed = format!("{first} by {first} pixels, as the first picture is");
    Err(invalid_value(name, format!("{found} by {found}"), allowed)
        .at(line)
        .into())
}
