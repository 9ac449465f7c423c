//! Example nodules: one row a cell.

use super::Figure;
use super::plot::{Anchor, Drawing};

const LEFT: f64 = 220.0;
const TOP: f64 = 8.0;
const PICTURE: f64 = 72.0;
const GAP: f64 = 4.0;

/// `rows`: a label, and pictures as data URIs.
pub(crate) fn figure(rows: &[(String, Vec<String>)]) -> Figure {
    let columns = rows.iter().map(|(_, pictures)| pictures.len()).max();
    let pitch = PICTURE + GAP;
    let width = LEFT + pitch * columns.unwrap_or(0) as f64 + TOP;
    let mut drawing = Drawing::new(width, 2.0 * TOP + pitch * rows.len() as f64);
    for (row, (label, pictures)) in rows.iter().enumerate() {
        let top = TOP + pitch * row as f64;
        let middle = top + PICTURE / 2.0 + 4.0;
        drawing.text([LEFT - 12.0, middle], label, 12.0, Anchor::End);
        for (column, picture) in pictures.iter().enumerate() {
            drawing.picture([LEFT + pitch * column as f64, top], PICTURE, picture);
        }
    }
    Figure {
        name: "nodules".into(),
        caption: "Example nodules, one row a cell: shape level, texture level.".into(),
        svg: drawing.finish("Example nodules of every cell"),
    }
}
