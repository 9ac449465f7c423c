//! Shapes of marks: what colour tells apart, shape tells apart too.

use super::plot::Drawing;

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
