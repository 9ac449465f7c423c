//! Shapes of marks: what colour tells apart, shape tells apart too.

use super::plot::{Anchor, Drawing};
use nodule_analysis::Ruling;

/// Corners on a circle of radius 1, from above and clockwise; none for a round mark.
const SHAPES: [&[[f64; 2]]; 5] = [
    &[],
    &[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    &[[0.0, -1.15], [1.05, 0.75], [-1.05, 0.75]],
    &[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]],
    &[[0.0, 1.15], [1.05, -0.75], [-1.05, -0.75]],
];

/// A filled mark; `kind` goes round through the shapes.
pub(super) fn mark(drawing: &mut Drawing, place: [f64; 2], radius: f64, kind: usize, colour: &str) {
    draw(drawing, place, radius, kind, [colour, colour]);
}

/// The same, empty inside.
pub(super) fn hollow(
    drawing: &mut Drawing,
    place: [f64; 2],
    radius: f64,
    kind: usize,
    colour: &str,
) {
    draw(drawing, place, radius, kind, ["#fff", colour]);
}

/// The mark of a verdict: a filled dot is supported, an empty square is not supported, an empty diamond is
/// inconclusive.
pub(super) fn ruled(drawing: &mut Drawing, place: [f64; 2], radius: f64, ruling: Ruling) {
    let colour = ruling_colour(ruling);
    match ruling {
        Ruling::Supported => mark(drawing, place, radius, 0, colour),
        Ruling::NotSupported => hollow(drawing, place, radius, 1, colour),
        // Ink, which follows the page into the dark.
        Ruling::Inconclusive => hollow(drawing, place, radius, 3, "#333"),
    }
}

/// Colour of a verdict, distinct for colour-blind readers too (Okabe and Ito 2008).
pub(super) fn ruling_colour(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Supported => "#009e73",
        Ruling::NotSupported => "#d55e00",
        Ruling::Inconclusive => "#777777",
    }
}

/// What the marks of verdicts mean, in a row.
pub(super) fn ruled_legend(drawing: &mut Drawing, [left, y]: [f64; 2]) {
    let mut x = left;
    for ruling in Ruling::ALL {
        ruled(drawing, [x, y - 4.0], 4.5, ruling);
        drawing.text([x + 12.0, y], ruling.text(), 13.0, Anchor::Start);
        x += 40.0 + 7.8 * ruling.text().len() as f64;
    }
}

fn draw(
    drawing: &mut Drawing,
    [x, y]: [f64; 2],
    radius: f64,
    kind: usize,
    [fill, stroke]: [&str; 2],
) {
    let shape = SHAPES[kind % SHAPES.len()];
    if shape.is_empty() {
        return drawing.circle([x, y], radius, fill, stroke);
    }
    let corners = shape
        .iter()
        .map(|[dx, dy]| [x + radius * dx, y + radius * dy]);
    drawing.polygon(&corners.collect::<Vec<_>>(), fill, stroke);
}
