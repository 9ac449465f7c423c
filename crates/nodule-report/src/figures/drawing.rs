//! SVG drawing: shapes and text, in pixels from the upper left corner.

use std::fmt::Write;

/// An SVG image under construction.
pub(super) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

/// Horizontal alignment of a text at its position.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        let body = String::new();
        Self {
            width,
            height,
            body,
        }
    }

    pub(super) fn line(&mut self, start: [f64; 2], end: [f64; 2], colour: &str, width: f64) {
        self.stroke(start, end, colour, width, "");
    }

    pub(super) fn dashed_line(&mut self, start: [f64; 2], end: [f64; 2], colour: &str, width: f64) {
        self.stroke(start, end, colour, width, r#" stroke-dasharray="4 3""#);
    }

    fn stroke(
        &mut self,
        [x0, y0]: [f64; 2],
        [x1, y1]: [f64; 2],
        colour: &str,
        width: f64,
        dashes: &str,
    ) {
        self.push(format_args!(
            r#"<line x1="{x0:.1}" y1="{y0:.1}" x2="{x1:.1}" y2="{y1:.1}" stroke="{colour}" stroke-width="{width}"{dashes}/>"#
        ));
    }

    pub(super) fn polyline(&mut self, points: &[[f64; 2]], colour: &str, width: f64, opacity: f64) {
        self.push(format_args!(
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="{width}" opacity="{opacity}"/>"#,
            format_points(points)
        ));
    }

    /// Adds a filled polygon without an outline.
    pub(super) fn area(&mut self, corners: &[[f64; 2]], colour: &str, opacity: f64) {
        self.push(format_args!(
            r#"<polygon points="{}" fill="{colour}" opacity="{opacity}"/>"#,
            format_points(corners)
        ));
    }

    /// Adds a polygon with an outline.
    pub(super) fn polygon(&mut self, corners: &[[f64; 2]], fill: &str, stroke: &str) {
        self.push(format_args!(
            r#"<polygon points="{}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>"#,
            format_points(corners)
        ));
    }

    /// Adds a filled circle without an outline.
    pub(super) fn dot(&mut self, [x, y]: [f64; 2], radius: f64, colour: &str, opacity: f64) {
        self.push(format_args!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{colour}" opacity="{opacity}"/>"#
        ));
    }

    /// Adds a circle with an outline.
    pub(super) fn circle(&mut self, [x, y]: [f64; 2], radius: f64, fill: &str, stroke: &str) {
        self.push(format_args!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>"#
        ));
    }

    /// Adds a filled rectangle; `[x, y]` is its upper left corner.
    pub(super) fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], colour: &str) {
        self.push(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{colour}"/>"#
        ));
    }

    /// Adds a square raster image from a data URI, without smoothing.
    pub(super) fn image(&mut self, [x, y]: [f64; 2], width: f64, data_uri: &str) {
        self.push(format_args!(
            r#"<image x="{x:.1}" y="{y:.1}" width="{width}" height="{width}" href="{data_uri}" style="image-rendering: pixelated"/>"#
        ));
    }

    /// Adds text in the ink colour, which the page inverts in dark mode.
    pub(super) fn text(&mut self, place: [f64; 2], text: &str, size: f64, anchor: Anchor) {
        self.text_with(place, text, size, anchor, "#222", "");
    }

    /// Adds text in the smallest size.
    pub(super) fn small(&mut self, place: [f64; 2], text: &str, anchor: Anchor) {
        self.text(place, text, 11.0, anchor);
    }

    /// Adds centred text on a coloured patch: dark in light and dark mode.
    pub(super) fn text_on_patch(&mut self, place: [f64; 2], text: &str, size: f64) {
        self.text_with(place, text, size, Anchor::Middle, "#111", "");
    }

    /// Adds centred text that reads upwards.
    pub(super) fn text_upwards(&mut self, place: [f64; 2], text: &str, size: f64) {
        let [x, y] = place;
        let rotation = format!(r#" transform="rotate(-90 {x:.1} {y:.1})""#);
        self.text_with(place, text, size, Anchor::Middle, "#222", &rotation);
    }

    fn text_with(
        &mut self,
        [x, y]: [f64; 2],
        text: &str,
        size: f64,
        anchor: Anchor,
        colour: &str,
        rotation: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{rotation}>{}</text>"#,
            escape(text)
        ));
    }

    fn push(&mut self, element: std::fmt::Arguments) {
        let _ = writeln!(self.body, "{element}");
    }

    /// Returns the SVG file with a title and a text alternative. The background is white, for any page.
    pub(super) fn finish(self, title: &str, description: &str) -> String {
        let (width, height, body) = (self.width, self.height, self.body);
        let (title, description) = (escape(title), escape(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n<title>{title}</title>\n<desc>{description}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{body}</svg>\n"
        )
    }
}

fn format_points(points: &[[f64; 2]]) -> String {
    let points = points.iter().map(|[x, y]| format!("{x:.1},{y:.1}"));
    points.collect::<Vec<_>>().join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.text([0.0, 0.0], "a < b & c", 10.0, Anchor::Start);
        assert!(drawing.finish("t", "").contains("a &lt; b &amp; c"));
    }
}
