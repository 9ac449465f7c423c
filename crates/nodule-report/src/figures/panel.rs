//! Plot panel: a rectangle with two linear axes, ticks and category labels.

use super::drawing::{Anchor, Drawing};

/// Colour of grid lines.
pub(super) const GRID: &str = "#e5e5e5";
/// Colour of reference lines, such as chance or no effect.
pub(super) const REFERENCE: &str = "#888";

/// A rectangle with two linear axes.
pub(super) struct Panel {
    /// Left, top, right, bottom, in pixels.
    pub(super) frame: [f64; 4],
    /// Data range of the x axis.
    pub(super) x: (f64, f64),
    /// Data range of the y axis, from bottom to top.
    pub(super) y: (f64, f64),
}

impl Panel {
    /// Returns the pixel position of a data point.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, top, right, bottom] = self.frame;
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        [
            left + share(x, self.x) * (right - left),
            bottom - share(y, self.y) * (bottom - top),
        ]
    }

    /// Returns the pixel position of the centre.
    pub(super) fn centre(&self) -> [f64; 2] {
        let [left, top, right, bottom] = self.frame;
        [f64::midpoint(left, right), f64::midpoint(top, bottom)]
    }

    /// Draws grid lines and numbers along the x axis.
    pub(super) fn x_ticks(&self, drawing: &mut Drawing) {
        let [left, top, right, bottom] = self.frame;
        // In a narrow panel, numbers of more ticks would overlap.
        let most = ((right - left) / 44.0).clamp(2.0, 5.0);
        for tick in ticks(self.x, most) {
            let [x, _] = self.at(tick, self.y.0);
            drawing.line([x, top], [x, bottom], GRID, 1.0);
            let text = tick_text(tick, self.x, most);
            drawing.small([x, bottom + 15.0], &text, Anchor::Middle);
        }
    }

    /// Draws grid lines and numbers along the y axis.
    pub(super) fn y_ticks(&self, drawing: &mut Drawing) {
        let [left, _, right, _] = self.frame;
        for tick in ticks(self.y, 5.0) {
            let [_, y] = self.at(self.x.0, tick);
            drawing.line([left, y], [right, y], GRID, 1.0);
            let text = tick_text(tick, self.y, 5.0);
            drawing.small([left - 6.0, y + 4.0], &text, Anchor::End);
        }
    }

    /// Writes a name below each position 0.5, 1.5, ... of a categorical x axis.
    pub(super) fn x_categories<T: AsRef<str>>(&self, drawing: &mut Drawing, names: &[T]) {
        for (i, name) in names.iter().enumerate() {
            let [x, y] = self.at(i as f64 + 0.5, self.y.0);
            drawing.small([x, y + 16.0], name.as_ref(), Anchor::Middle);
        }
    }

    /// Writes a name to the left of each position 0.5, 1.5, ... of a categorical y axis.
    pub(super) fn y_categories<T: AsRef<str>>(&self, drawing: &mut Drawing, names: &[T]) {
        for (i, name) in names.iter().enumerate() {
            let [x, y] = self.at(self.x.0, i as f64 + 0.5);
            drawing.text([x - 10.0, y + 4.0], name.as_ref(), 12.0, Anchor::End);
        }
    }

    /// Draws a vertical reference line.
    pub(super) fn vertical_line(&self, drawing: &mut Drawing, x: f64) {
        drawing.line(self.at(x, self.y.0), self.at(x, self.y.1), REFERENCE, 1.0);
    }

    /// Draws a horizontal reference line.
    pub(super) fn horizontal_line(&self, drawing: &mut Drawing, y: f64) {
        drawing.line(self.at(self.x.0, y), self.at(self.x.1, y), REFERENCE, 1.0);
    }

    /// Fills the rectangle between two data points.
    pub(super) fn patch(&self, drawing: &mut Drawing, x: (f64, f64), y: (f64, f64), colour: &str) {
        let (a, b) = (self.at(x.0, y.0), self.at(x.1, y.1));
        let corner = [a[0].min(b[0]), a[1].min(b[1])];
        drawing.rectangle(corner, [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()], colour);
    }

    /// Writes a message in the centre, in place of data.
    pub(super) fn message(&self, drawing: &mut Drawing, text: &str) {
        drawing.small(self.centre(), text, Anchor::Middle);
    }

    pub(super) fn border(&self, drawing: &mut Drawing) {
        let [left, top, right, bottom] = self.frame;
        let (first, last) = ([left, top], [right, bottom]);
        let corners = [first, [right, top], last, [left, bottom], first];
        drawing.polyline(&corners, "#999", 1.0, 1.0);
    }
}

/// Returns an axis range that holds all values with a margin of 4%, and at least the range `least`.
pub(super) fn range(values: impl Iterator<Item = f64>, least: (f64, f64)) -> (f64, f64) {
    let (low, high) = values.fold(least, |(low, high), v| (low.min(v), high.max(v)));
    let margin = 0.04 * (high - low);
    (
        if low < least.0 { low - margin } else { low },
        if high > least.1 { high + margin } else { high },
    )
}

/// Returns a round distance between ticks, so that there are at most about `most`.
fn tick_step((low, high): (f64, f64), most: f64) -> f64 {
    let rough = (high - low) / most;
    let power = 10f64.powf(rough.log10().floor());
    let mut nice = [1.0, 2.0, 5.0].into_iter();
    nice.find(|n| n * power >= rough).unwrap_or(10.0) * power
}

fn ticks(range: (f64, f64), most: f64) -> Vec<f64> {
    let step = tick_step(range, most);
    let first = (range.0 / step - 1e-9).ceil() as i64;
    let last = (range.1 / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

fn tick_text(value: f64, range: (f64, f64), most: f64) -> String {
    let digits = (-tick_step(range, most).log10().floor()).max(0.0) as usize;
    let text = format!("{value:.digits$}");
    match text.trim_start_matches(['-', '0', '.']).is_empty() {
        true => text.replace('-', ""),
        false => text.replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let near = |range, expected: &[f64]| {
            let ticks = ticks(range, 5.0);
            assert_eq!(ticks.len(), expected.len(), "{ticks:?}");
            let mut pairs = ticks.iter().zip(expected);
            assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-9), "{ticks:?}");
        };
        near((0.0, 1.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        near((-0.3, 2.1), &[0.0, 0.5, 1.0, 1.5, 2.0]);
        near((0.0, 15.0), &[0.0, 5.0, 10.0, 15.0]);
        assert_eq!(tick_text(-0.0, (0.0, 1.0), 5.0), "0.0");
        assert_eq!(tick_text(5.0, (0.0, 15.0), 5.0), "5");
        assert_eq!(tick_text(-0.5, (-1.0, 1.0), 5.0), "−0.5");
    }

    #[test]
    fn the_corners_of_a_panel_are_those_of_its_frame() {
        let panel = Panel {
            frame: [10.0, 20.0, 110.0, 220.0],
            x: (0.0, 2.0),
            y: (-1.0, 1.0),
        };
        assert_eq!(panel.at(0.0, -1.0), [10.0, 220.0]);
        assert_eq!(panel.at(2.0, 1.0), [110.0, 20.0]);
    }
}
