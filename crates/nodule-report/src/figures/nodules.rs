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
        drawing.text([LEFT - 12.0, middle], &row.label, 12.0, Anchor::End);
        for (column, image) in row.images.iter().enumerate() {
            let picture = data_uri(&grey_png(image, row.image_size)?);
            drawing.picture([LEFT + pitch * column as f64, top], PICTURE, &picture);
        }
    }
    Ok(Some(Figure {
        name: "nodules".into(),
        caption: "Example nodules, one row a cell: shape level, texture level.".into(),
        svg: drawing.finish("Example nodules of every cell"),
    }))
}
