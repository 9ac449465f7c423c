//! Just enough of a plotting library: panels with axes, and marks in their coordinates.

use std::fmt::Write;

/// A drawing that grows; coordinates in pixels from the upper left corner.
pub(super) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

/// Where text is anchored.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Points as SVG lists them.
fn spelled(points: &[[f64; 2]]) -> String {
    let points = points.iter().map(|[x, y]| format!("{x:.1},{y:.1}"));
    points.collect::<Vec<_>>().join(" ")
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            body: String::new(),
        }
    }

    pub(super) fn line(
        &mut self,
        [x0, y0]: [f64; 2],
        [x1, y1]: [f64; 2],
        colour: &str,
        width: f64,
    ) {
        let _ = writeln!(
            self.body,
            r#"<line x1="{x0:.1}" y1="{y0:.1}" x2="{x1:.1}" y2="{y1:.1}" stroke="{colour}" stroke-width="{width}"/>"#
        );
    }

    pub(super) fn path(&mut self, points: &[[f64; 2]], colour: &str, width: f64, opacity: f64) {
        let _ = writeln!(
            self.body,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="{width}" opacity="{opacity}"/>"#,
            spelled(points)
        );
    }

    /// A filled shape without an outline.
    pub(super) fn area(&mut self, corners: &[[f64; 2]], colour: &str, opacity: f64) {
        let _ = writeln!(
            self.body,
            r#"<polygon points="{}" fill="{colour}" opacity="{opacity}"/>"#,
            spelled(corners)
        );
    }

    pub(super) fn dot(&mut self, [x, y]: [f64; 2], radius: f64, colour: &str, opacity: f64) {
        let _ = writeln!(
            self.body,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{colour}" opacity="{opacity}"/>"#
        );
    }

    /// A circle with an outline.
    pub(super) fn circle(&mut self, [x, y]: [f64; 2], radius: f64, fill: &str, stroke: &str) {
        let _ = writeln!(
            self.body,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>"#
        );
    }

    /// A shape with an outline.
    pub(super) fn polygon(&mut self, corners: &[[f64; 2]], fill: &str, stroke: &str) {
        let _ = writeln!(
            self.body,
            r#"<polygon points="{}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>"#,
            spelled(corners)
        );
    }

    /// A line of dashes.
    pub(super) fn dashed(
        &mut self,
        [x0, y0]: [f64; 2],
        [x1, y1]: [f64; 2],
        colour: &str,
        width: f64,
    ) {
        let _ = writeln!(
            self.body,
            r#"<line x1="{x0:.1}" y1="{y0:.1}" x2="{x1:.1}" y2="{y1:.1}" stroke="{colour}" stroke-width="{width}" stroke-dasharray="4 3"/>"#
        );
    }

    pub(super) fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], colour: &str) {
        let _ = writeln!(
            self.body,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{colour}"/>"#
        );
    }

    /// A square picture, given as a data URI; its pixels stay sharp.
    pub(super) fn picture(&mut self, [x, y]: [f64; 2], width: f64, data: &str) {
        let _ = writeln!(
            self.body,
            r#"<image x="{x:.1}" y="{y:.1}" width="{width}" height="{width}" href="{data}" style="image-rendering: pixelated"/>"#
        );
    }

    pub(super) fn text(&mut self, place: [f64; 2], text: &str, size: f64, anchor: Anchor) {
        self.text_in("#222", place, text, size, anchor);
    }

    /// Text on a patch of colour: dark, whatever colour the page gives to other text.
    pub(super) fn text_on_patch(&mut self, place: [f64; 2], text: &str, size: f64) {
        self.text_in("#111", place, text, size, Anchor::Middle);
    }

    fn text_in(&mut self, colour: &str, [x, y]: [f64; 2], text: &str, size: f64, anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = writeln!(
            self.body,
            r##"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{}</text>"##,
            escaped(text)
        );
    }

    /// Text that reads upwards.
    pub(super) fn text_upwards(&mut self, [x, y]: [f64; 2], text: &str, size: f64) {
        let _ = writeln!(
            self.body,
            r##"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="middle" fill="#222" transform="rotate(-90 {x:.1} {y:.1})">{}</text>"##,
            escaped(text)
        );
    }

    /// One coloured dot and name a loss, in a row, or in more where there is no room: with letters as wide as those
    /// of the widest common font.
    pub(super) fn legend(&mut self, [left, y]: [f64; 2], entries: &[(&str, &str)]) {
        let mut place = [left, y];
        for (name, colour) in entries {
            let width = 34.0 + 7.8 * name.chars().count() as f64;
            if place[0] > left && place[0] + width - 24.0 > self.width {
                place = [left, place[1] + 18.0];
            }
            let [x, y] = place;
            self.dot([x, y - 4.0], 5.0, colour, 1.0);
            self.text([x + 10.0, y], name, 13.0, Anchor::Start);
            place[0] += width;
        }
    }

    /// The whole file, with a title and what is seen in words. The background is white, so that it can be put
    /// on any page.
    pub(super) fn finish(self, title: &str, seen: &str) -> String {
        let Self {
            width,
            height,
            body,
        } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{body}</svg>\n",
            escaped(title),
            escaped(seen)
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A rectangle with two linear axes.
pub(super) struct Panel {
    /// Left, top, right, bottom, in pixels.
    pub(super) frame: [f64; 4],
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Panel {
    /// A point of the panel in pixels.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, top, right, bottom] = self.frame;
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        [
            left + share(x, self.x) * (right - left),
            bottom - share(y, self.y) * (bottom - top),
        ]
    }

    /// Grid lines and numbers along the x axis.
    pub(super) fn x_ticks(&self, drawing: &mut Drawing) {
        let [_, top, _, bottom] = self.frame;
        let [left, _, right, _] = self.frame;
        // Numbers of a narrow panel would run into one another.
        let most = ((right - left) / 44.0).clamp(2.0, 5.0);
        for tick in ticks(self.x, most) {
            let [x, _] = self.at(tick, self.y.0);
            drawing.line([x, top], [x, bottom], "#e5e5e5", 1.0);
            drawing.text(
                [x, bottom + 15.0],
                &number(tick, self.x, most),
                11.0,
                Anchor::Middle,
            );
        }
    }

    /// Grid lines and numbers along the y axis.
    pub(super) fn y_ticks(&self, drawing: &mut Drawing) {
        let [left, _, right, _] = self.frame;
        for tick in ticks(self.y, 5.0) {
            let [_, y] = self.at(self.x.0, tick);
            drawing.line([left, y], [right, y], "#e5e5e5", 1.0);
            drawing.text(
                [left - 6.0, y + 4.0],
                &number(tick, self.y, 5.0),
                11.0,
                Anchor::End,
            );
        }
    }

    pub(super) fn border(&self, drawing: &mut Drawing) {
        let [left, top, right, bottom] = self.frame;
        let corners = [
            [left, top],
            [right, top],
            [right, bottom],
            [left, bottom],
            [left, top],
        ];
        drawing.path(&corners, "#999", 1.0, 1.0);
    }
}

/// A range that holds all values with a little air, and at least `least`.
pub(super) fn range(values: impl Iterator<Item = f64>, least: (f64, f64)) -> (f64, f64) {
    let (low, high) = values.fold(least, |(low, high), v| (low.min(v), high.max(v)));
    let air = 0.04 * (high - low);
    (
        if low < least.0 { low - air } else { low },
        if high > least.1 { high + air } else { high },
    )
}

/// Between ticks, of which there are about so many at most.
fn step((low, high): (f64, f64), most: f64) -> f64 {
    let rough = (high - low) / most;
    let power = 10f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|n| n * power >= rough);
    nice.unwrap_or(10.0) * power
}

fn ticks(range: (f64, f64), most: f64) -> Vec<f64> {
    let step = step(range, most);
    let first = (range.0 / step - 1e-9).ceil() as i64;
    let last = (range.1 / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

fn number(value: f64, range: (f64, f64), most: f64) -> String {
    let digits = (-step(range, most).log10().floor()).max(0.0) as usize;
    let text = format!("{value:.digits$}");
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
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
            assert!(
                ticks
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-9),
                "{ticks:?}"
            );
        };
        near((0.0, 1.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        near((-0.3, 2.1), &[0.0, 0.5, 1.0, 1.5, 2.0]);
        near((0.0, 15.0), &[0.0, 5.0, 10.0, 15.0]);
        assert_eq!(number(-0.0, (0.0, 1.0), 5.0), "0.0");
        assert_eq!(number(5.0, (0.0, 15.0), 5.0), "5");
        assert_eq!(number(-0.5, (-1.0, 1.0), 5.0), "−0.5");
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

    #[test]
    fn text_cannot_break_the_file() {
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.text([0.0, 0.0], "a < b & c", 10.0, Anchor::Start);
        assert!(drawing.finish("t", "").contains("a &lt; b &amp; c"));
    }
}
