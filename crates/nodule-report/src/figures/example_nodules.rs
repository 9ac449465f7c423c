//! Example nodules: one row per combination of shape and texture level.

use nodule_study::records::Gallery;

use super::Figure;
use super::drawing::{Anchor, Drawing};
use super::raster::{data_uri, grey_png};
use crate::Error;

const LEFT: f64 = 220.0;
const MARGIN: f64 = 8.0;
const IMAGE: f64 = 72.0;
const GAP: f64 = 4.0;
const LINE: f64 = 15.0;
/// Characters that fit to the left of the images.
const MOST_CHARACTERS: usize = 30;

/// Returns the figure; `None` for an empty gallery.
pub(crate) fn figure(gallery: &Gallery) -> Result<Option<Figure>, Error> {
    let rows = &gallery.rows;
    if rows.is_empty() {
        return Ok(None);
    }
    let columns = rows.iter().map(|row| row.images.len()).max().unwrap_or(0);
    let pitch = IMAGE + GAP;
    let width = LEFT + pitch * columns as f64 + MARGIN;
    let mut drawing = Drawing::new(width, 2.0 * MARGIN + pitch * rows.len() as f64);
    for (i, row) in rows.iter().enumerate() {
        let top = MARGIN + pitch * i as f64;
        let middle = top + IMAGE / 2.0 + 4.0;
        let lines = wrap(&row.label);
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
    let description = format!(
        "Grey-scale images of nodules, one row each for: {}.",
        labels.join("; ")
    );
    let caption = "Example nodules: one row per combination of shape level (outline) and texture level (interior).";
    Ok(Some(Figure::new(
        "nodules",
        "Example nodules",
        drawing,
        &description,
        caption.into(),
    )))
}

/// Breaks a label after commas into lines that fit.
fn wrap(label: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in label.split(", ") {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 2 <= MOST_CHARACTERS => {
                line.push_str(", ");
                line.push_str(part);
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_label_is_broken_after_a_comma() {
        assert_eq!(wrap("regular, homogeneous"), ["regular, homogeneous"]);
        assert_eq!(
            wrap("real outline, irregular, heterogeneous"),
            ["real outline, irregular", "heterogeneous"]
        );
    }
}
