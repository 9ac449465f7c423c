//! Example nodules: one row a cell.

use nodule_study::records::Gallery;

use super::Figure;
use super::picture::{data_uri, grey_png};
use super::plot::{Anchor, Drawing};
use crate::Error;

const LEFT: f64 = 220.0;
const TOP: f64 = 8.0;
const PICTURE: f64 = 72.0;
const GAP: f64 = 4.0;
const LINE: f64 = 15.0;
/// Characters that fit to the left of the pictures.
const MOST: usize = 30;

/// None for an empty gallery.
pub(crate) fn figure(gallery: &Gallery) -> Result<Option<Figure>, Error> {
    let rows = &gallery.rows;
    if rows.is_empty() {
        return Ok(None);
    }
    let columns = rows.iter().map(|row| row.images.len()).max();
    let pitch = PICTURE + GAP;
    let width = LEFT + pitch * columns.unwrap_or(0) as f64 + TOP;
    let mut drawing = Drawing::new(width, 2.0 * TOP + pitch * rows.len() as f64);
    for (i, row) in rows.iter().enumerate() {
        let top = TOP + pitch * i as f64;
        let middle = top + PICTURE / 2.0 + 4.0;
        let lines = lines(&row.label);
        for (line, text) in lines.iter().enumerate() {
            let y = middle + LINE * (line as f64 - (lines.len() - 1) as f64 / 2.0);
            drawing.text([LEFT - 12.0, y], text, 12.0, Anchor::End);
        }
        for (column, image) in row.images.iter().enumerate() {
            let picture = data_uri(&grey_png(image, row.image_size)?);
            drawing.picture([LEFT + pitch * column as f64, top], PICTURE, &picture);
        }
    }
    let named: Vec<_> = rows.iter().map(|row| row.label.as_str()).collect();
    let seen = format!(
        "Grey pictures of nodules, a row each of: {}.",
        named.join("; ")
    );
    Ok(Some(Figure {
        name: "nodules".into(),
        caption: "Example nodules, one row a cell: shape level, texture level.".into(),
        svg: drawing.finish("Example nodules of every cell", &seen),
    }))
}

/// A label in lines that fit, broken after commas.
fn lines(label: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in label.split(", ") {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 2 <= MOST => {
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
        assert_eq!(lines("regular, homogeneous"), ["regular, homogeneous"]);
        assert_eq!(
            lines("real outline, irregular, heterogeneous"),
            ["real outline, irregular", "heterogeneous"]
        );
    }
}
