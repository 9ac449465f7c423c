//! Checks that no outline occurs twice in a file, since a copy would count as evidence of its own.

use std::collections::BTreeMap;

use crate::Error;
use crate::error::{conflicting, shorten};
use crate::polygon::area_and_centroid;

/// Greatest distance between points of equal outlines, in mm: files round coordinates to hundredths.
const MAX_DISTANCE: f64 = 0.02;
/// The same, relative to the root of the area, for small outlines.
const MAX_RELATIVE_DISTANCE: f64 = 0.005;
/// Greatest relative difference between the areas of equal outlines.
const MAX_AREA_DIFFERENCE: f64 = 0.1;

/// The outlines read so far.
#[derive(Default)]
pub(super) struct DistinctOutlines {
    names: BTreeMap<String, usize>,
    /// Outlines by number of points.
    outlines: BTreeMap<usize, Vec<Known>>,
}

struct Known {
    nodule: String,
    line: usize,
    area: f64,
    /// Points around the centroid.
    points: Vec<[f64; 2]>,
}

impl DistinctOutlines {
    /// Adds the outline in this line of the file.
    ///
    /// # Errors
    /// If the name of the nodule or the outline occurred before: from any first point, in either direction, anywhere in
    /// the plane.
    pub(super) fn add(
        &mut self,
        nodule: &str,
        line: usize,
        points: &[[f64; 2]],
        place: &str,
    ) -> Result<(), Error> {
        let nodule = nodule.trim();
        let error = |subject: &str, first: usize, reason: String| {
            let reason = format!("lines {first} and {line}{reason}; remove one of them");
            Err(conflicting(place, subject, reason))
        };
        if let Some(first) = self.names.insert(nodule.to_owned(), line) {
            let reason = format!(" both are nodule {}", shorten(nodule));
            return error("nodule", first, reason);
        }
        let new = Known::new(nodule, line, points);
        let similar = self.outlines.entry(new.points.len()).or_default();
        if let Some(known) = similar.iter().find(|known| known.is_same(&new)) {
            let names = format!("{} and {}", shorten(&known.nodule), shorten(nodule));
            let reason = format!(" (nodules {names}) have the same outline");
            return error("contour_mm", known.line, reason);
        }
        similar.push(new);
        Ok(())
    }
}

impl Known {
    fn new(nodule: &str, line: usize, points: &[[f64; 2]]) -> Self {
        let (area, [x0, y0]) = area_and_centroid(points);
        let mut points: Vec<_> = points.iter().map(|[x, y]| [x - x0, y - y0]).collect();
        points.dedup();
        // A file may repeat the first point at the end.
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        Self {
            nodule: nodule.to_owned(),
            line,
            area: area.abs(),
            points,
        }
    }

    /// Whether both outlines, of equally many points, are the same curve.
    fn is_same(&self, other: &Self) -> bool {
        let n = self.points.len();
        let tolerance = MAX_DISTANCE.min(MAX_RELATIVE_DISTANCE * self.area.sqrt());
        // Most other outlines differ in area, which is cheap to compare.
        if (self.area - other.area).abs() > MAX_AREA_DIFFERENCE * self.area {
            return false;
        }
        let is_near =
            |a: &[f64; 2], b: &[f64; 2]| libm::hypot(a[0] - b[0], a[1] - b[1]) <= tolerance;
        let matches = |start: usize, is_reversed: bool| {
            (0..n).all(|i| {
                let j = if is_reversed {
                    start + n - i
                } else {
                    start + i
                };
                is_near(&self.points[i], &other.points[j % n])
            })
        };
        (0..n).any(|start| matches(start, false) || matches(start, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an irregular star with `n` points.
    fn star(n: usize, seed: f64) -> Vec<[f64; 2]> {
        let point = |i: usize| {
            let angle = std::f64::consts::TAU * i as f64 / n as f64;
            let radius = 5.0 + libm::sin(seed * (i * i) as f64);
            [radius * libm::cos(angle), radius * libm::sin(angle)]
        };
        (0..n).map(point).collect()
    }

    #[test]
    fn copies_are_found_from_any_point_in_any_direction_and_place() {
        let original = star(21, 1.0);
        let mut turned = original.clone();
        turned.rotate_left(9);
        let reversed: Vec<_> = turned.iter().rev().copied().collect();
        let round = |v: f64| (v * 100.0).round() / 100.0;
        let shift = |[x, y]: &[f64; 2]| [round(x + 40.126), round(y - 7.3)];
        let moved: Vec<_> = reversed.iter().map(shift).collect();
        let closed = [original.clone(), vec![original[0]]].concat();
        for copy in [turned, reversed, moved, closed] {
            let mut known = DistinctOutlines::default();
            known.add("a", 2, &star(21, 2.0), "own.csv").unwrap();
            known.add("b", 3, &original, "own.csv").unwrap();
            known.add("c", 4, &star(20, 1.0), "own.csv").unwrap();
            let message = known.add("d", 5, &copy, "own.csv").unwrap_err().to_string();
            assert_eq!(
                message,
                "own.csv: contour_mm: lines 3 and 5 (nodules b and d) have the same outline; remove one of them"
            );
        }
    }

    #[test]
    fn a_name_occurs_once() {
        let mut known = DistinctOutlines::default();
        known.add("4", 2, &star(21, 1.0), "own.csv").unwrap();
        let error = known.add("4 ", 3, &star(21, 3.0), "own.csv").unwrap_err();
        let expected = "own.csv: nodule: lines 2 and 3 both are nodule 4; remove one of them";
        assert_eq!(error.to_string(), expected);
    }
}
