//! What makes an outline sound: a closed curve of a nodule's size that goes round its area once.

use crate::Error;
use crate::contour::area_and_centroid;
use crate::coverage::coverage;
use crate::error::{setting, shown};

/// Points of a contour.
const POINTS: std::ops::RangeInclusive<usize> = 8..=1000;
/// Greatest coordinate either way, in mm: a scanner is not larger.
const FARTHEST: f64 = 1000.0;
/// Least and greatest width or height of an outline, whichever is more, in mm.
const EXTENT: std::ops::RangeInclusive<f64> = 0.5..=200.0;
/// Least area of an outline, over the square of its extent: less is a line.
const LEAST_AREA: f64 = 0.01;
/// How far what a smoothed outline covers may be from the area it encloses, over the latter. Thin
/// spurs of the staircase of pixels may leave loops as small as this; their mask is right.
const MOST_LOOPS: f64 = 0.01;
/// Greatest length of an outline, over the radius of the disc of equal area: a longer one does not
/// fit into an image where it is largest (0.24 of its width).
const MOST_LENGTH: f64 = 4.0;
/// Width of the image in which coverage is measured.
const FRAME: usize = 64;
const COLUMN: &str = "contour_mm";

/// The points of `x y;x y;...` in mm, as they were drawn.
///
/// # Errors
/// If it is no such text, or the outline is too large, too small, thin as a line or crosses itself.
pub(crate) fn drawn_outline(text: &str, place: &str) -> Result<Vec<[f64; 2]>, Error> {
    let points = points(text, place)?;
    let refuse = |value: String, allowed: &str| Err(setting(place, COLUMN, value, allowed));
    let mut distinct = points.clone();
    distinct.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    distinct.dedup();
    if distinct.len() < *POINTS.start() {
        let value = format!("{} different points", distinct.len());
        return refuse(value, &format!("at least {}", POINTS.start()));
    }
    let extent = extent(&points);
    if !EXTENT.contains(&extent) {
        let value = format!("an outline of {extent:.3} mm");
        let allowed = format!("{} to {} mm across", EXTENT.start(), EXTENT.end());
        return refuse(value, &allowed);
    }
    if let Some([i, j]) = crossing(&points, extent) {
        let value = format!("an outline that crosses itself, after its points {i} and {j}");
        return refuse(value, "one closed curve");
    }
    let area = area_and_centroid(&points).0.abs();
    if area < LEAST_AREA * extent * extent {
        let value = format!("an outline of {extent:.3} mm with an area of {area:.3} square mm");
        return refuse(value, "a closed curve, not a line there and back");
    }
    Ok(points)
}

/// Checks an outline as it will be rendered: smoothed, and brought to 128 points. `rated` is
/// whether distributions draw it.
///
/// # Errors
/// If it covers another area than it encloses, as where it crosses itself or goes round twice; or
/// if it is rated and too long to fit into an image.
pub(crate) fn check_smoothed(points: &[[f64; 2]], rated: bool, place: &str) -> Result<(), Error> {
    let enclosed = area_and_centroid(points).0.abs();
    let covered = covered(points);
    // Written so that what is no number is refused too.
    let once = (covered - enclosed).abs() <= MOST_LOOPS * enclosed;
    if !once {
        let value = format!(
            "an outline that crosses itself once smoothed to 12 harmonics (it encloses {enclosed:.1} square mm and covers {covered:.1})"
        );
        return Err(setting(place, COLUMN, value, "one closed curve"));
    }
    let length = length(points) / libm::sqrt(enclosed / std::f64::consts::PI);
    if rated && length > MOST_LENGTH {
        let value = format!("an outline {length:.2} times as long");
        let allowed = format!(
            "at most {MOST_LENGTH} times as long as the radius of the disc of equal area, to fit into an image"
        );
        return Err(setting(place, COLUMN, value, allowed));
    }
    Ok(())
}

fn points(text: &str, place: &str) -> Result<Vec<[f64; 2]>, Error> {
    let refuse = |value: &str| {
        let allowed = format!(
            "`x y;x y;...`, {} to {} points of two numbers from -{FARTHEST} to {FARTHEST} mm",
            POINTS.start(),
            POINTS.end()
        );
        setting(place, COLUMN, format!("`{}`", shown(value)), allowed)
    };
    let point = |pair: &str| {
        let mut numbers = pair.split_whitespace().map(str::parse::<f64>);
        let ends = (numbers.next(), numbers.next(), numbers.next());
        match ends {
            (Some(Ok(x)), Some(Ok(y)), None) if x.abs() <= FARTHEST && y.abs() <= FARTHEST => {
                Ok([x, y])
            }
            _ => Err(refuse(pair)),
        }
    };
    // One more than allowed is enough to know that there are too many.
    let pairs = text.split(';').take(POINTS.end() + 1);
    let points: Vec<_> = pairs.map(point).collect::<Result<_, _>>()?;
    if !POINTS.contains(&points.len()) {
        return Err(refuse(text));
    }
    Ok(points)
}

/// Width or height, whichever is more.
fn extent(points: &[[f64; 2]]) -> f64 {
    let [(left, right), (top, bottom)] = [0, 1].map(|axis| ends(points, axis));
    (right - left).max(bottom - top)
}

fn ends(points: &[[f64; 2]], axis: usize) -> (f64, f64) {
    let along = points.iter().map(|point| point[axis]);
    along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// Greatest distance between two points.
fn length(points: &[[f64; 2]]) -> f64 {
    let mut most: f64 = 0.0;
    for (i, [x0, y0]) in points.iter().enumerate() {
        for [x1, y1] in &points[i + 1..] {
            most = most.max((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
        }
    }
    libm::sqrt(most)
}

/// The points, counted from 1, after which two edges cross; to touch or to retrace is not to cross,
/// as chains of pixels do both.
fn crossing(points: &[[f64; 2]], extent: f64) -> Option<[usize; 2]> {
    let edge = |i: usize| [points[i], points[(i + 1) % points.len()]];
    // Twice the area of a triangle so flat that only rounding made it.
    let flat = 1e-9 * extent * extent;
    for i in 0..points.len() {
        let first = edge(i);
        let other = (i + 2..points.len()).find(|j| cross(first, edge(*j), flat));
        if let Some(j) = other {
            return Some([i + 1, j + 1]);
        }
    }
    None
}

/// Whether each edge has its ends on both sides of the other.
fn cross([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2], flat: f64) -> bool {
    let apart = |axis: usize| {
        a[axis].max(b[axis]) < c[axis].min(d[axis]) || c[axis].max(d[axis]) < a[axis].min(b[axis])
    };
    if apart(0) || apart(1) {
        return false;
    }
    let side = |from: [f64; 2], to: [f64; 2], of: [f64; 2]| {
        (to[0] - from[0]) * (of[1] - from[1]) - (to[1] - from[1]) * (of[0] - from[0])
    };
    let both_sides =
        |one: f64, two: f64| one.abs().min(two.abs()) > flat && (one > 0.0) != (two > 0.0);
    both_sides(side(a, b, c), side(a, b, d)) && both_sides(side(c, d, a), side(c, d, b))
}

/// The area that the outline's mask has: what it goes round twice counts once, and a loop that
/// turns the other way counts as much as one that does not. Exact for a curve that does not cross
/// itself, at any resolution.
fn covered(points: &[[f64; 2]]) -> f64 {
    let scale = (FRAME as f64 - 2.0) / extent(points);
    let [left, top] = [0, 1].map(|axis| ends(points, axis).0);
    let framed = points
        .iter()
        .map(|[x, y]| [1.0 + scale * (x - left), 1.0 + scale * (y - top)]);
    let framed: Vec<_> = framed.collect();
    let shares = coverage(&framed, FRAME).shares;
    shares.iter().map(|share| f64::from(*share)).sum::<f64>() / (scale * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors::smoothed;

    fn refused(text: &str) -> String {
        let checked = drawn_outline(text, "mine.csv")
            .and_then(|points| check_smoothed(&smoothed(&points), true, "mine.csv"));
        checked.unwrap_err().to_string()
    }

    fn written(points: impl Iterator<Item = [f64; 2]>) -> String {
        let pairs: Vec<_> = points.map(|[x, y]| format!("{x} {y}")).collect();
        pairs.join(";")
    }

    fn ellipse(width: f64, height: f64, turns: f64) -> String {
        let angle = |i: i32| std::f64::consts::TAU * turns * f64::from(i) / 200.0;
        written((0..200).map(|i| [width * angle(i).cos(), height * angle(i).sin()]))
    }

    #[test]
    fn discs_ellipses_and_squares_are_sound() {
        let square = "0 0;1 0;2 0;2 1;2 2;1 2;0 2;0 1;0 0;0 0";
        let far = "900 900;910 900;920 900;920 910;920 920;910 920;900 920;900 910";
        let all = [
            ellipse(9.0, 9.0, 1.0),
            ellipse(12.0, 4.0, 1.0),
            ellipse(5.0, 9.0, -1.0),
        ];
        for text in all.iter().map(String::as_str).chain([square, far]) {
            let points = drawn_outline(text, "mine.csv").unwrap();
            check_smoothed(&smoothed(&points), true, "mine.csv").unwrap();
        }
    }

    #[test]
    fn curves_that_cross_themselves_are_refused() {
        let bow_tie = "-6 -4;-2 -1.3;2 1.3;5 3.2;5 0;5 -3.2;2 -1.2;-2 1.2;-6 4;-6 0";
        assert!(refused(bow_tie).contains("crosses itself, after its points 2 and 7"));
        let even = "-6 -4;-3 -2;3 2;6 4;6 0;6 -4;3 -2;-3 2;-6 4;-6 0";
        assert!(refused(even).contains("crosses itself"));
        // Through a point that both lobes share no edge crosses another.
        let pinched = "-6 -4;-3 -2;0 0;4 3;5 0;4 -3;0 0;-3 2;-6 4;-6 0";
        assert!(refused(pinched).contains("once smoothed"));
        assert!(refused(&ellipse(9.0, 9.0, 2.0)).contains("once smoothed"));
        let eight = (0..100).map(|i| std::f64::consts::TAU * f64::from(i) / 100.0 + 0.3);
        let eight = written(eight.map(|a| [9.0 * a.sin() + 3.0 * a.cos(), 9.0 * (2.0 * a).sin()]));
        assert!(refused(&eight).contains("crosses itself"));
    }

    #[test]
    fn a_curve_that_crosses_only_once_smoothed_is_refused() {
        // A disc with three hairs four times as long as its radius: 12 harmonics make loops of them.
        let polar = |radius: f64, angle: f64| [radius * angle.cos(), radius * angle.sin()];
        let third = std::f64::consts::TAU / 3.0;
        let part = |k: i32| {
            let from = third * f64::from(k);
            let hair = [(5.0, -0.06), (20.0, -0.003), (20.0, 0.003)];
            let arc = move |i| from + 0.06 + (third - 0.12) * f64::from(i) / 15.0;
            hair.map(|(radius, angle)| polar(radius, from + angle))
                .into_iter()
                .chain((0..15).map(move |i| polar(5.0, arc(i))))
        };
        let points = drawn_outline(&written((0..3).flat_map(part)), "mine.csv").unwrap();
        assert_eq!(crossing(&points, extent(&points)), None);
        let refused = check_smoothed(&smoothed(&points), false, "mine.csv");
        let message = refused.unwrap_err().to_string();
        assert!(
            message.contains("once smoothed to 12 harmonics (it encloses 91.2"),
            "{message}"
        );
    }

    /// To mend them would move samples that were drawn: their loops are small enough to stay.
    #[test]
    fn the_embedded_outlines_that_cross_once_smoothed_are_known() {
        let outlines = crate::Outlines::embedded();
        let of = |row: usize| outlines.points(row).unwrap();
        let crossing =
            (0..outlines.len()).filter(|row| crossing(of(*row), extent(of(*row))).is_some());
        let crossing: Vec<_> = crossing.collect();
        assert_eq!(crossing, [77, 109, 474, 547, 567, 677]);
        for row in crossing {
            let share = covered(of(row)) / area_and_centroid(of(row)).0.abs() - 1.0;
            println!(
                "row {row}: covers {:.2}% more than it encloses",
                100.0 * share
            );
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
            let message = refused(text);
            assert!(message.contains(words) && message.len() < 400, "{message}");
        }
    }
}
