//! Markers: shapes that distinguish groups in addition to colour.

use nodule_analysis::Ruling;

use super::drawing::Drawing;

/// Corners on a circle of radius 1; an empty list is a circle.
const SHAPES: [&[[f64; 2]]; 5] = [
    &[],
    &[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    &[[0.0, -1.15], [1.05, 0.75], [-1.05, 0.75]],
    &[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]],
    &[[0.0, 1.15], [1.05, -0.75], [-1.05, -0.75]],
];
/// Shapes by their place in [`SHAPES`].
pub(super) const CIRCLE: usize = 0;
const SQUARE: usize = 1;
const TRIANGLE: usize = 4;
pub(super) const DIAMOND: usize = 3;

/// Shape and colour of a mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marker {
    shape: usize,
    pub(super) colour: &'static str,
    is_hollow: bool,
}

impl Marker {
    /// Returns a solid marker; shapes repeat after the last one.
    pub(super) fn solid(shape: usize, colour: &'static str) -> Self {
        let is_hollow = false;
        Self {
            shape,
            colour,
            is_hollow,
        }
    }

    /// Returns a white marker with a coloured outline.
    pub(super) fn hollow(shape: usize, colour: &'static str) -> Self {
        let is_hollow = true;
        Self {
            shape,
            colour,
            is_hollow,
        }
    }

    /// Returns the marker of a verdict: filled circle (supported), hollow square (not supported), hollow diamond
    /// (inconclusive) or filled triangle (refuted). Colours are distinguishable with colour blindness (Okabe and Ito 2008).
    pub(super) fn verdict(ruling: Ruling) -> Self {
        match ruling {
            Ruling::Supported => Self::solid(CIRCLE, "#009e73"),
            Ruling::NotSupported => Self::hollow(SQUARE, "#d55e00"),
            // The ink colour, which the page inverts in dark mode.
            Ruling::Inconclusive => Self::hollow(DIAMOND, "#333"),
            Ruling::Refuted => Self::solid(TRIANGLE, "#cc79a7"),
        }
    }

    pub(super) fn draw(self, drawing: &mut Drawing, [x, y]: [f64; 2], radius: f64) {
        let colour = self.colour;
        let fill = if self.is_hollow { "#fff" } else { colour };
        let corners = SHAPES[self.shape % SHAPES.len()].iter();
        let corners: Vec<_> = corners
            .map(|[dx, dy]| [x + radius * dx, y + radius * dy])
            .collect();
        match corners.is_empty() {
            true if self.is_hollow => drawing.circle([x, y], radius, fill, colour),
            true => drawing.dot([x, y], radius, colour, 1.0),
            false => drawing.polygon(&corners, fill, colour),
        }
    }
}
