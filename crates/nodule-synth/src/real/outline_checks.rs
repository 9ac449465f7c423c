//! Checks of real outlines: one closed curve of a nodule's size that does not cross itself.

use crate::Error;
use crate::error::{setting, shorten};
use crate::polygon::{area_and_centroid, coverage, extent};

/// Number of points of a contour.
const POINTS: std::ops::RangeInclusive<usize> = 8..=1000;
/// Greatest absolute coordinate, in mm: no scanner is larger.
const MAX_COORDINATE: f64 = 1000.0;
/// Range of the larger of width and height of an outline, in mm.
const DIAMETER: std::ops::RangeInclusive<f64> = 0.5..=200.0;
/// Least area of an outline, relative to the square of its diameter. A smaller area is a line.
const MIN_AREA: f64 = 0.01;
/// Greatest difference between the covered and the enclosed area of a smoothed outline, relative to the enclosed area.
/// Thin spurs of an outline along pixel borders may leave loops of this size; their mask is correct.
const MAX_LOOP_AREA: f64 = 0.01;
/// Greatest length of an outline, relative to the radius of the disc of equal area. A longer one does not fit into an
/// image at the largest radius (0.24 of the width).
const MAX_LENGTH: f64 = 4.0;
/// Width of the image in which coverage is measured, in pixels.
const FRAME: usize = 64;
const COLUMN: &str = "contour_mm";

/// Returns the points of `x y;x y;...` in mm.
///
/// # Errors
/// If the text does not parse, or the outline is too large, too small, as thin as a line, or crosses itself.
pub(super) fn parse_outline(text: &str, place: &str) -> Result<Vec<[f64; 2]>, Error> {
    let points = parse_points(text, place)?;
    let error = |value: String, allowed: &str| Err(setting(place, COLUMN, value, allowed));
    let mut distinct = points.clone();
    distinct.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    distinct.dedup();
    if distinct.len() < *POINTS.start() {
        let value = format!("{} different points", distinct.len());
        return error(value, &format!("at least {}", POINTS.start()));
    }
    let diameter = diameter(&points);
    if !DIAMETER.contains(&diameter) {
        let value = format!("an outline of {diameter:.3} mm");
        let allowed = format!("{} to {} mm across", DIAMETER.start(), DIAMETER.end());
        return error(value, &allowed);
    }
    if let Some([i, j]) = first_crossing(&points, diameter) {
        let value = format!("an outline that crosses itself, after its points {i} and {j}");
        return error(value, "one closed curve");
    }
    let area = area_and_centroid(&points).0.abs();
    if area < MIN_AREA * diameter * diameter {
        let value = format!("an outline of {diameter:.3} mm with an area of {area:.3} square mm");
        return error(value, "a closed curve, not a line there and back");
    }
    Ok(points)
}

/// Checks an outline as it will be rendered: smoothed, with 128 points. `is_rated` says whether distributions use it.
///
/// # Errors
/// If the covered area differs from the enclosed one, because the outline crosses itself or winds twice; or if it is
/// rated and too long to fit into an image.
pub(super) fn check_smoothed(
    points: &[[f64; 2]],
    is_rated: bool,
    place: &str,
) -> Result<(), Error> {
    let enclosed = area_and_centroid(points).0.abs();
    let covered = covered_area(points);
    // In this form the check also rejects NaN.
    let is_simple = (covered - enclosed).abs() <= MAX_LOOP_AREA * enclosed;
    if !is_simple {
        let value = format!(
            "an outline that crosses itself once smoothed to 12 harmonics (it encloses {enclosed:.1} square mm and covers {covered:.1})"
        );
        return Err(setting(place, COLUMN, value, "one closed curve"));
    }
    let length = longest_distance(points) / libm::sqrt(enclosed / std::f64::consts::PI);
    if is_rated && length > MAX_LENGTH {
        let value = format!("an outline {length:.2} times as long");
        let allowed = format!(
            "at most {MAX_LENGTH} times as long as the radius of the disc of equal area, to fit into an image"
        );
        return Err(setting(place, COLUMN, value, allowed));
    }
    Ok(())
}

fn parse_points(text: &str, place: &str) -> Result<Vec<[f64; 2]>, Error> {
    let error = |value: &str| {
        let allowed = format!(
            "`x y;x y;...`, {} to {} points of two numbers from -{MAX_COORDINATE} to {MAX_COORDINATE} mm",
            POINTS.start(),
            POINTS.end()
        );
        setting(place, COLUMN, format!("`{}`", shorten(value)), allowed)
    };
    let point = |pair: &str| {
        let mut numbers = pair.split_whitespace().map(str::parse::<f64>);
        let numbers = (numbers.next(), numbers.next(), numbers.next());
        match numbers {
            (Some(Ok(x)), Some(Ok(y)), None)
                if x.abs() <= MAX_COORDINATE && y.abs() <= MAX_COORDINATE =>
            {
                Ok([x, y])
            }
            _ => Err(error(pair)),
        }
    };
    // One point more than allowed suffices to reject the text.
    let pairs = text.split(';').take(POINTS.end() + 1);
    let points: Vec<_> = pairs.map(point).collect::<Result<_, _>>()?;
    if !POINTS.contains(&points.len()) {
        return Err(error(text));
    }
    Ok(points)
}

/// Returns the larger of width and height.
fn diameter(points: &[[f64; 2]]) -> f64 {
    let [(left, right), (top, bottom)] = [0, 1].map(|axis| extent(points, axis));
    (right - left).max(bottom - top)
}

/// Returns the greatest distance between two points.
fn longest_distance(points: &[[f64; 2]]) -> f64 {
    let mut max: f64 = 0.0;
    for (i, [x0, y0]) in points.iter().enumerate() {
        for [x1, y1] in &points[i + 1..] {
            max = max.max((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
        }
    }
    libm::sqrt(max)
}

/// Returns the points, counted from 1, after which two edges cross, or `None`.
///
/// Edges that touch or retrace each other do not cross: outlines along pixel borders do both.
fn first_crossing(points: &[[f64; 2]], diameter: f64) -> Option<[usize; 2]> {
    let edge = |i: usize| [points[i], points[(i + 1) % points.len()]];
    // Twice the area below which a triangle counts as flat, to allow for rounding.
    let flat = 1e-9 * diameter * diameter;
    for i in 0..points.len() {
        let first = edge(i);
        let other = (i + 2..points.len()).find(|j| is_crossing(first, edge(*j), flat));
        if let Some(j) = other {
            return Some([i + 1, j + 1]);
        }
    }
    None
}

/// Returns whether each edge has its ends on both sides of the other.
fn is_crossing([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2], flat: f64) -> bool {
    let is_apart = |axis: usize| {
        a[axis].max(b[axis]) < c[axis].min(d[axis]) || c[axis].max(d[axis]) < a[axis].min(b[axis])
    };
    if is_apart(0) || is_apart(1) {
        return false;
    }
    let side = |from: [f64; 2], to: [f64; 2], point: [f64; 2]| {
        (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0])
    };
    let are_opposite =
        |one: f64, two: f64| one.abs().min(two.abs()) > flat && (one > 0.0) != (two > 0.0);
    are_opposite(side(a, b, c), side(a, b, d)) && are_opposite(side(c, d, a), side(c, d, b))
}

/// Returns the area of the outline's mask.
///
/// Area enclosed twice counts once, and loops count alike in both orientations. Exact at any resolution for a curve
/// that does not cross itself.
fn covered_area(points: &[[f64; 2]]) -> f64 {
    let scale = (FRAME as f64 - 2.0) / diameter(points);
    let [left, top] = [0, 1].map(|axis| extent(points, axis).0);
    let framed: Vec<_> = points
        .iter()
        .map(|[x, y]| [1.0 + scale * (x - left), 1.0 + scale * (y - top)])
        .collect();
    let shares = coverage(&framed, FRAME).shares;
    shares.iter().map(|share| f64::from(*share)).sum::<f64>() / (scale * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::descriptors::smooth;

    fn error(text: &str) -> String {
        let result = parse_outline(text, "mine.csv")
            .and_then(|points| check_smoothed(&smooth(&points), true, "mine.csv"));
        result.unwrap_err().to_string()
    }

    fn to_text(points: impl Iterator<Item = [f64; 2]>) -> String {
        let pairs: Vec<_> = points.map(|[x, y]| format!("{x} {y}")).collect();
        pairs.join(";")
    }

    fn ellipse(width: f64, height: f64, turns: f64) -> String {
        let angle = |i: i32| std::f64::consts::TAU * turns * f64::from(i) / 200.0;
        to_text((0..200).map(|i| [width * angle(i).cos(), height * angle(i).sin()]))
    }

    #[test]
    fn accepts_discs_ellipses_and_squares() {
        let square = "0 0;1 0;2 0;2 1;2 2;1 2;0 2;0 1;0 0;0 0";
        let far = "900 900;910 900;920 900;920 910;920 920;910 920;900 920;900 910";
        let all = [
            ellipse(9.0, 9.0, 1.0),
            ellipse(12.0, 4.0, 1.0),
            ellipse(5.0, 9.0, -1.0),
        ];
        for text in all.iter().map(String::as_str).chain([square, far]) {
            let points = parse_outline(text, "mine.csv").unwrap();
            check_smoothed(&smooth(&points), true, "mine.csv").unwrap();
        }
    }

    #[test]
    fn rejects_curves_that_cross_themselves() {
        let bow_tie = "-6 -4;-2 -1.3;2 1.3;5 3.2;5 0;5 -3.2;2 -1.2;-2 1.2;-6 4;-6 0";
        assert!(error(bow_tie).contains("crosses itself, after its points 2 and 7"));
        let even = "-6 -4;-3 -2;3 2;6 4;6 0;6 -4;3 -2;-3 2;-6 4;-6 0";
        assert!(error(even).contains("crosses itself"));
        // The lobes share a point, so no edge crosses another.
        let pinched = "-6 -4;-3 -2;0 0;4 3;5 0;4 -3;0 0;-3 2;-6 4;-6 0";
        assert!(error(pinched).contains("once smoothed"));
        assert!(error(&ellipse(9.0, 9.0, 2.0)).contains("once smoothed"));
        let eight = (0..100).map(|i| std::f64::consts::TAU * f64::from(i) / 100.0 + 0.3);
        let eight = to_text(eight.map(|a| [9.0 * a.sin() + 3.0 * a.cos(), 9.0 * (2.0 * a).sin()]));
        assert!(error(&eight).contains("crosses itself"));
    }

    #[test]
    fn rejects_a_curve_that_crosses_itself_only_once_smoothed() {
        // A disc with three spikes four times as long as its radius, which 12 harmonics turn into loops.
        let polar = |radius: f64, angle: f64| [radius * angle.cos(), radius * angle.sin()];
        let third = std::f64::consts::TAU / 3.0;
        let sector = |k: i32| {
            let from = third * f64::from(k);
            let spike = [(5.0, -0.06), (20.0, -0.003), (20.0, 0.003)];
            let arc = move |i| from + 0.06 + (third - 0.12) * f64::from(i) / 15.0;
            spike
                .map(|(radius, angle)| polar(radius, from + angle))
                .into_iter()
                .chain((0..15).map(move |i| polar(5.0, arc(i))))
        };
        let points = parse_outline(&to_text((0..3).flat_map(sector)), "mine.csv").unwrap();
        assert_eq!(first_crossing(&points, diameter(&points)), None);
        let result = check_smoothed(&smooth(&points), false, "mine.csv");
        let message = result.unwrap_err().to_string();
        let expected = "once smoothed to 12 harmonics (it encloses 91.2";
        assert!(message.contains(expected), "{message}");
    }

    /// Repairing them would change existing samples, and their loops are small enough to accept.
    #[test]
    fn the_embedded_outlines_that_cross_once_smoothed_are_known() {
        let outlines = crate::Outlines::lidc();
        let points = |row: usize| outlines.points(row).unwrap();
        let crossing: Vec<_> = (0..outlines.len())
            .filter(|row| first_crossing(points(*row), diameter(points(*row))).is_some())
            .collect();
        assert_eq!(crossing, [77, 109, 474, 547, 567, 677]);
        for row in crossing {
            let share = covered_area(points(row)) / area_and_centroid(points(row)).0.abs() - 1.0;

            assert!(share.abs() < 0.005, "{row}: {share}");
        }
    }

    #[test]
    fn sizes_and_counts_are_bounded() {
        for (text, words) in [
            ("0 0;1 1", "8 to 1000 points"),
            ("0 0;1 0;1 1;0 0;1 0;1 1;0 0;1 0;1 1", "3 different points"),
            ("5 5;5 5;5 5;5 5;5 5;5 5;5 5;5 5", "1 different points"),
            ("0 0;1 0;2 0;3 0;4 0;5 0;6 0;7 0", "not a line"),
            ("0 0;1 0;2 1e200;2 1;2 2;1 2;0 2;0 1", "-1000 to 1000 mm"),
            ("0 0;1 0;2 inf;2 1;2 2;1 2;0 2;0 1", "-1000 to 1000 mm"),
            ("0 0;1 0;2 0 0;2 1;2 2;1 2;0 2;0 1", "`2 0 0`"),
            ("0 0;1 0;2;2 1;2 2;1 2;0 2;0 1", "`2`"),
            ("", "contour_mm = ``"),
            (&ellipse(150.0, 150.0, 1.0), "0.5 to 200 mm across"),
            (&ellipse(1e-160, 1e-160, 1.0), "0.5 to 200 mm across"),
            (&ellipse(20.0, 1.0, 1.0), "at most 4 times as long"),
            (&"1 2;".repeat(2_000_000), "8 to 1000 points"),
        ] {
            let message = error(text);
            assert!(message.contains(words) && message.len() < 400, "{message}");
        }
    }
}
