//! Images from a folder of PNG, with labels from its `labels.csv`.

use std::io::Cursor;
use std::path::{Component, Path, PathBuf};

use image::{ColorType, ImageFormat, ImageReader};
use nodule_error::{InvalidInput, conflict, invalid_value, read_file};
use nodule_seed::sha256_hex_of_parts;
use serde::Deserialize;

use crate::Error;
use crate::check::{Unchecked, name_of_path};
use crate::columns::check_name;
use crate::error::{bad_content, cannot_read};
use crate::groups::Groups;

/// First bytes of text files that some programs write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Name of the folder's table.
const LABELS: &str = "labels.csv";
/// Columns of the table.
const COLUMNS: [&str; 6] = ["file", "label", "mask", "group", "shape", "texture"];
/// Columns of an export of the generator, which has `index` in place of `file`.
const EXPORTED: [&str; 20] = [
    "index",
    "label",
    "group",
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
];
/// Maximum width and height of a picture, which limits the memory that a damaged header can request.
const MAX_SIZE: u32 = 4096;

/// A row of `labels.csv`.
#[derive(Debug, Deserialize)]
struct Row {
    file: Option<String>,
    /// Index in an export of the generator, which determines the names of image and mask.
    index: Option<String>,
    label: String,
    mask: Option<String>,
    group: Option<String>,
    shape: Option<String>,
    texture: Option<String>,
}

/// Reads the pictures and labels of a folder.
pub(crate) fn read_folder(folder: &Path) -> Result<Unchecked, Error> {
    let table = folder.join(LABELS);
    let text = read_file(&table).map_err(cannot_read(&table))?;
    let rows = read_rows(&text, &table)?;
    let masked = is_complete(&rows, "mask", &table, |row| row.mask.is_some())?;
    let grouped = is_complete(&rows, "group", &table, |row| row.group.is_some())?;
    let shaped = is_complete(&rows, "shape", &table, |row| row.shape.is_some())?;
    let textured = is_complete(&rows, "texture", &table, |row| row.texture.is_some())?;
    let mut pictures = Pictures::new(folder);
    let (mut images, mut masks) = (Vec::new(), Vec::new());
    for (i, row) in rows.iter().enumerate() {
        let line = place_of_row(&table, i);
        let file = row.file.as_deref().unwrap_or_default();
        images.extend(pictures.read(file, &line)?);
        if let Some(mask) = &row.mask {
            // Black is outside, every other value inside.
            let values = pictures.read(mask, &line)?;
            masks.extend(values.into_iter().map(|v| u8::from(v > 0.0)));
        }
    }
    let groups: Vec<_> = rows.iter().filter_map(|row| row.group.clone()).collect();
    let groups = grouped.then(|| Groups::from_file(&groups)).transpose();
    let groups = groups.map_err(|e| e.at(table.to_string_lossy()))?;
    let ratings = |column: &str, select: fn(&Row) -> Option<&String>| {
        let values = rows.iter().enumerate();
        let values = values.filter_map(|(i, row)| Some((i, select(row)?)));
        let parse = |(i, value): (usize, &String)| {
            let number = value.trim().parse::<f64>();
            number.map_err(|_| invalid_value(column, value, "a number").at(place_of_row(&table, i)))
        };
        values.map(parse).collect::<Result<Vec<_>, InvalidInput>>()
    };
    let shape = ratings("shape", |row| row.shape.as_ref())?;
    let texture = ratings("texture", |row| row.texture.as_ref())?;
    let files = std::iter::once(&text).chain(&pictures.files);
    Ok(Unchecked {
        name: name_of_path(folder),
        image_size: pictures.size.unwrap_or_default(),
        images,
        labels: rows.iter().map(|row| row.label.clone()).collect(),
        masks: masked.then_some(masks),
        groups,
        shape: shaped.then_some(shape),
        texture: textured.then_some(texture),
        sha256: sha256_hex_of_parts(files),
    })
}

fn read_rows(text: &[u8], table: &Path) -> Result<Vec<Row>, Error> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut reader = csv::Reader::from_reader(text);
    let headers = reader.headers().map_err(|e| bad_content(table, e))?.clone();
    check_headers(&headers).map_err(|e| e.at(table.to_string_lossy()))?;
    let mut rows = reader
        .deserialize()
        .collect::<Result<Vec<Row>, _>>()
        .map_err(|e| bad_row(table, &e))?;
    for (i, row) in rows.iter_mut().enumerate() {
        row.set_file_names()
            .map_err(|e| e.at(place_of_row(table, i)))?;
    }
    Ok(rows)
}

/// Returns the error for a row that is not a row of the table.
fn bad_row(table: &Path, error: &csv::Error) -> Error {
    match (error.kind(), error.position()) {
        (
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            },
            Some(position),
        ) => {
            let reason = format!(
                "{len} fields, but the header has {expected_len}; quote a field with a comma"
            );
            let place = format!("{}:{}", table.display(), position.line());
            conflict("row", reason).at(place).into()
        }
        _ => bad_content(table, error),
    }
}

/// Checks that the columns are known and that none is listed twice.
fn check_headers(headers: &csv::StringRecord) -> Result<(), InvalidInput> {
    let has = |column: &str| headers.iter().any(|header| header == column);
    let known = match has("index") && !has("file") {
        true => &EXPORTED[..],
        false => &COLUMNS[..],
    };
    for (i, header) in headers.iter().enumerate() {
        check_name("column", header, known)?;
        if headers.iter().take(i).any(|other| other == header) {
            return Err(conflict(format!("column {header}"), "is listed twice"));
        }
    }
    if !has("label") {
        let reason = format!(
            "is missing; found {}",
            headers.iter().collect::<Vec<_>>().join(", ")
        );
        return Err(conflict("column label", reason));
    }
    Ok(())
}

/// Returns the file and line of a row, for messages.
fn place_of_row(table: &Path, i: usize) -> String {
    format!("{}:{}", table.display(), i + 2)
}

/// Returns whether every row has a value in an optional column, or `false` if no row has one.
///
/// # Errors
/// If only some rows have a value.
fn is_complete(
    rows: &[Row],
    column: &str,
    table: &Path,
    has_value: fn(&Row) -> bool,
) -> Result<bool, Error> {
    match rows.iter().filter(|row| has_value(row)).count() {
        0 => Ok(false),
        n if n == rows.len() => Ok(true),
        n => {
            let all = rows.len();
            let reason = format!("{n} of {all} rows have a value; fill every row or none");
            Err(conflict(column, reason).at(table.to_string_lossy()).into())
        }
    }
}

impl Row {
    /// Sets the file names for a row of an export: `images/00007.png` and `masks/00007.png` for index 7.
    fn set_file_names(&mut self) -> Result<(), InvalidInput> {
        if let (None, Some(index)) = (&self.file, &self.index) {
            let index: usize = index
                .parse()
                .map_err(|_| invalid_value("index", index, "a whole number from 0"))?;
            self.file = Some(format!("images/{index:05}.png"));
            self.mask = Some(format!("masks/{index:05}.png"));
        }
        match &self.file {
            Some(_) => Ok(()),
            None => Err(conflict(
                "file",
                "is missing; add a column `file` with a picture of this folder",
            )),
        }
    }
}

/// Reader of square grey pictures of one size.
struct Pictures<'a> {
    folder: &'a Path,
    /// Size of the first picture.
    size: Option<usize>,
    /// Bytes of the files read so far.
    files: Vec<Vec<u8>>,
}

impl<'a> Pictures<'a> {
    fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            size: None,
            files: Vec::new(),
        }
    }

    /// Returns the intensities of a picture, in [0, 1]. `line` is the row that names it, for messages.
    fn read(&mut self, name: &str, line: &str) -> Result<Vec<f32>, Error> {
        let path = path_inside(self.folder, name, line)?;
        let bytes = read_file(&path).map_err(cannot_read(&path))?;
        let (size, values) = decode(&path, &bytes)?;
        let first = *self.size.get_or_insert(size);
        if size != first {
            let allowed = format!("{first} by {first} pixels, as the first picture is");
            let error = invalid_value(name, format!("{size} by {size}"), allowed);
            return Err(error.at(line).into());
        }
        self.files.push(bytes);
        Ok(values)
    }
}

/// Returns size and intensities of a square grey picture.
fn decode(path: &Path, bytes: &[u8]) -> Result<(usize, Vec<f32>), Error> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIZE);
    limits.max_image_height = Some(MAX_SIZE);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|e| bad_content(path, format!("is not a readable PNG: {e}")))?;
    let (width, height) = (picture.width(), picture.height());
    if width != height {
        let reason = format!("is {width} by {height} pixels: must be square");
        return Err(bad_content(path, reason));
    }
    let values = match picture.color() {
        ColorType::L8 => {
            let grey = picture.to_luma8();
            grey.iter().map(|v| f32::from(*v) / 255.0).collect()
        }
        ColorType::L16 => {
            let grey = picture.to_luma16();
            grey.iter().map(|v| f32::from(*v) / 65_535.0).collect()
        }
        other => {
            let reason = format!("is {other:?}: must be grey, of 8 or 16 bits, without alpha");
            return Err(bad_content(path, reason));
        }
    };
    Ok((width as usize, values))
}

/// Returns the path of a file in the folder.
///
/// # Errors
/// If the name could lead outside the folder.
fn path_inside(folder: &Path, name: &str, line: &str) -> Result<PathBuf, Error> {
    let is_inside = Path::new(name)
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    match is_inside && !name.is_empty() {
        true => Ok(folder.join(name)),
        false => Err(invalid_value("file", name, "a file in this folder")
            .at(line)
            .into()),
    }
}
