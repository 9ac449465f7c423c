//! Example nodules: one row per combination of shape and texture level.

use nodule_study::records::Gallery;

use super::Figure;
use super::drawing::{Anchor, Drawing};
use super::raster::{data_uri, grey_png};
use crate::Error;

const LEFT: f64 = 150.0;
const MARGIN: f64 = 8.0;
const IMAGE: f64 = 72.0;
const GAP: f64 = 4.0;
const LINE: f64 = 15.0;

/// Returns the figure; none for an empty gallery.
pub(super) fn figure(gallery: &Gallery) -> Result<Vec<Figure>, Error> {
    let rows = &gallery.rows;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let columns = rows.iter().map(|row| row.images.len()).max().unwrap_or(0);
    let pitch = IMAGE + GAP;
    let width = LEFT + pitch * columns as f64 + MARGIN;
    let mut drawing = Drawing::new(width, 2.0 * MARGIN + pitch * rows.len() as f64);
    for (i, row) in rows.iter().enumerate() {
        let top = MARGIN + pitch * i as f64;
        let middle = top + IMAGE / 2.0 + 4.0;
        let lines: Vec<_> = row.label.split(", ").collect();
        for (line, text) in lines.iter().enumerate() {
            let y = middle + LINE * (line as f64 - (lines.len() - 1) as f64 / 2.0);
            drawing.text([LEFT - 12.0, y], text, 12.0, Anchor::End);
        }
        for (column, image) in row.images.iter().enumerate() {
            let png = data_uri(&grey_png(image, row.image_size)?);
            drawing.image([LEFT + pitch * column as f64, top], IMAGE, &png);
        }
    }
    let labels: Vec<_> = rows.iter().map(|row| row.label.as_str()).collect();
    let labels = labels.join("; ");
    let description = format!("Grey-scale images of nodules, one row each for: {labels}.");
    let caption = "Example nodules: one row per combination of shape level (outline) and texture level (interior).";
    let (title, caption) = ("Example nodules", caption.into());
    let figure = Figure::new("nodules", title, drawing, &description, caption);
    Ok(vec![figure])
}
