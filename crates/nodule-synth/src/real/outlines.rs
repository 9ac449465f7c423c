//! Outlines of real nodules: reading, checks and smoothing.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use nodule_seed::sha256_hex;
use serde::Deserialize;

use super::descriptors::smooth;
use super::distinct::DistinctOutlines;
use super::outline_checks::{check_smoothed, parse_outline};
use crate::error::{file_content, setting, shorten};
use crate::name::{MAX_NAME, is_name};
use crate::polygon::area_and_centroid;
use crate::text_file::read_text;
use crate::{Error, ShapeLevel};

/// The embedded outlines: 711 nodules of LIDC-IDRI (Armato et al. 2011).
const LIDC: &str = include_str!("../../data/lidc/lidc_contours.csv");
const LIDC_PLACE: &str = "data/lidc/lidc_contours.csv";
/// Columns that a file of outlines must have. Other columns are ignored.
const COLUMNS: [&str; 4] = ["nodule", "lobulation", "spiculation", "contour_mm"];
/// Maximum size of a file, in bytes.
const MAX_BYTES: u64 = 16 << 20;
/// Maximum number of rows of a file.
const MAX_ROWS: usize = 20_000;
/// Greatest rating of both lobulation and spiculation of a smooth outline.
const MAX_SMOOTH: f64 = 1.5;
/// Least rating of lobulation or spiculation of an irregular outline.
const MIN_IRREGULAR: f64 = 3.5;

/// Real outlines, with at least one rated smooth and one rated irregular.
///
/// ```
/// use nodule_synth::{Outlines, ShapeLevel};
///
/// let outlines = Outlines::lidc();
/// let row = outlines.rows(ShapeLevel::Irregular)[0];
/// assert_eq!(outlines.points(row).unwrap().len(), 128);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Outlines {
    name: String,
    all: Vec<Outline>,
    smooth: Vec<usize>,
    irregular: Vec<usize>,
    digest: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Outline {
    /// Centred on the origin and smoothed, because outlines are drawn along pixel borders.
    points: Vec<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
struct Row {
    nodule: String,
    lobulation: f64,
    spiculation: f64,
    contour_mm: String,
}

impl Outlines {
    /// Name of the embedded outlines.
    pub const LIDC: &str = "lidc";

    /// Returns the embedded outlines of `data/lidc`: 264 smooth, 145 irregular, and others with ratings in between.
    ///
    /// # Panics
    /// Never: a test parses the embedded file.
    #[must_use]
    pub fn lidc() -> Arc<Self> {
        static EMBEDDED: LazyLock<Arc<Outlines>> = LazyLock::new(|| {
            let outlines = Outlines::parse(LIDC, LIDC_PLACE);
            Arc::new(outlines.expect("the embedded outlines are valid"))
        });
        EMBEDDED.clone()
    }

    /// Reads outlines from a CSV file with the columns `nodule`, `lobulation`, `spiculation` (ratings 1 to 5) and
    /// `contour_mm` (`x y;x y;...`), in any order. The file has at most 16 MiB and 20,000 rows of 8 to 1,000 points.
    ///
    /// A contour must be one closed curve, 0.5 to 200 mm across and within 1,000 mm of the origin. It must not cross
    /// itself, neither as given nor [smoothed](crate::descriptors::smooth) (loops of up to 1% of the area are allowed).
    /// A contour rated smooth or irregular must not be longer than 4 radii of the disc of equal area, so that it fits
    /// into an image. No nodule and no outline occurs twice.
    ///
    /// # Errors
    /// If the file cannot be read, is too large, lacks a column, or has an invalid rating or contour. The message names
    /// the file, the row, the field and the value.
    pub fn read(path: &Path) -> Result<Arc<Self>, Error> {
        let text = read_text(path, MAX_BYTES)?;
        Self::parse(&text, &path.to_string_lossy()).map(Arc::new)
    }

    /// Parses and checks a file's text. `place` is the file's path, for messages and for the outlines' name.
    fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let error = |reason: String| file_content(place, shorten(&reason));
        let headers = reader.headers().map_err(|e| error(e.to_string()))?.clone();
        for column in COLUMNS {
            if !headers.iter().any(|h| h == column) {
                let columns = COLUMNS.join(", ");
                return Err(error(format!("has no column {column}; needs {columns}")));
            }
        }
        let mut outlines = Self {
            name: name_of_file(place, text),
            all: Vec::new(),
            smooth: Vec::new(),
            irregular: Vec::new(),
            digest: sha256_hex(text),
        };
        let mut distinct = DistinctOutlines::default();
        for row in reader.deserialize() {
            if outlines.all.len() == MAX_ROWS {
                return Err(error(format!("has more than {MAX_ROWS} outlines")));
            }
            let row: Row = row.map_err(|e| error(e.to_string()))?;
            let points = outlines.push(&row, place)?;
            // The first line is the header.
            distinct.add(&row.nodule, outlines.all.len() + 1, &points, place)?;
        }
        for (rows, name) in [
            (&outlines.smooth, "smooth"),
            (&outlines.irregular, "irregular"),
        ] {
            if rows.is_empty() {
                return Err(error(format!("has no outline rated {name}")));
            }
        }
        Ok(outlines)
    }

    /// Adds an outline and returns its points as the file has them.
    fn push(&mut self, row: &Row, place: &str) -> Result<Vec<[f64; 2]>, Error> {
        let place = format!("{place}: nodule {}", shorten(&row.nodule));
        for (field, rating) in [
            ("lobulation", row.lobulation),
            ("spiculation", row.spiculation),
        ] {
            if !(1.0..=5.0).contains(&rating) {
                return Err(setting(&place, field, rating, "a rating from 1 to 5"));
            }
        }
        let points = parse_outline(&row.contour_mm, &place)?;
        let (_, [x0, y0]) = area_and_centroid(&points);
        let centred: Vec<_> = points.iter().map(|[x, y]| [x - x0, y - y0]).collect();
        let smoothed = smooth(&centred);
        let is_smooth = row.lobulation <= MAX_SMOOTH && row.spiculation <= MAX_SMOOTH;
        let is_irregular = row.lobulation >= MIN_IRREGULAR || row.spiculation >= MIN_IRREGULAR;
        check_smoothed(&smoothed, is_smooth || is_irregular, &place)?;
        if is_smooth {
            self.smooth.push(self.all.len());
        }
        if is_irregular {
            self.irregular.push(self.all.len());
        }
        self.all.push(Outline { points: smoothed });
        Ok(points)
    }

    /// The outlines' name in tables.
    ///
    /// It is [`Outlines::LIDC`] for a file with the content of the embedded one, and otherwise the file's name without
    /// extension, with `-` in place of characters other than a-z, 0-9, `-` and `.`, and never `lidc`. Names are not
    /// unique; [`Outlines::digest`] is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows of the outlines with this level of shape.
    ///
    /// Regular: lobulation and spiculation at most 1.5. Irregular: one of them at least 3.5. Empty for any shape.
    #[must_use]
    pub fn rows(&self, level: ShapeLevel) -> &[usize] {
        match level {
            ShapeLevel::Regular => &self.smooth,
            ShapeLevel::Irregular => &self.irregular,
            ShapeLevel::Any => &[],
        }
    }

    /// Number of outlines, of any rating: at least two.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The points of one outline, centred on the origin, or `None` if the row is out of range.
    #[must_use]
    pub fn points(&self, row: usize) -> Option<&[[f64; 2]]> {
        self.all.get(row).map(|outline| outline.points.as_slice())
    }

    /// SHA-256 of the file, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Returns the name of outlines: `lidc` if the content is that of the embedded file, else from the file's name.
fn name_of_file(place: &str, text: &str) -> String {
    if text == LIDC {
        return Outlines::LIDC.to_owned();
    }
    let stem = Path::new(place).file_stem().unwrap_or_default();
    let replace = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9' | '-' | '.') => c,
        _ => '-',
    };
    let name: String = stem.to_string_lossy().chars().map(replace).collect();
    let name: String = name
        .trim_matches(['-', '.'])
        .chars()
        .take(MAX_NAME)
        .collect();
    match name.as_str() {
        Outlines::LIDC => "own-lidc".to_owned(),
        name if is_name(name) => name.to_owned(),
        _ => "own".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "nodule,lobulation,spiculation,contour_mm\n";
    const SQUARE: &str = "0 0;1 0;2 0;2 1;2 2;1 2;0 2;0 1";
    const FLAT: &str = "0 0;1 0;2 0;2 1;2 1.5;1 1.5;0 1.5;0 1";

    #[test]
    fn the_embedded_outlines_are_valid() {
        let outlines = Outlines::lidc();
        assert_eq!(outlines.all.len(), 711);
        assert_eq!(outlines.rows(ShapeLevel::Regular).len(), 264);
        assert_eq!(outlines.rows(ShapeLevel::Irregular).len(), 145);
        assert_eq!(outlines.digest().len(), 64);
    }

    #[test]
    fn rejects_invalid_files_with_the_place() {
        let (square, flat) = (SQUARE, FLAT);
        let parse = |rows: &str| Outlines::parse(&format!("{HEADER}{rows}"), "mine.csv");
        assert!(parse(&format!("a,1,1,{square}\nb,5,5,{flat}\n")).is_ok());
        let error = |rows: &str| parse(rows).unwrap_err().to_string();
        let twice = error(&format!("a,1,1,{square}\nb,5,5,{square}\n"));
        assert!(twice.contains("lines 2 and 3 (nodules a and b)"), "{twice}");
        assert!(error(&format!("a,1,1,{square}\n")).contains("no outline rated irregular"));
        assert!(error(&format!("a,NaN,1,{square}\n")).contains("nodule a: lobulation = NaN"));
        assert!(error("a,1,1,0 0;1 1\n").contains("8 to 1000 points"));
        assert!(error(&format!("a,1,1,{square};x 1\n")).contains("`x 1`"));
        assert!(error("a,1,1,0 0;1 0;2 0;3 0;4 0;5 0;6 0;7 0\n").contains("contour_mm"));
        assert!(error("a,one,1,x\n").contains("mine.csv"));
        let error = Outlines::parse("nodule\n1\n", "mine.csv").unwrap_err();
        let message = error.to_string();
        assert!(message.contains("no column lobulation"), "{message}");
    }

    #[test]
    fn the_name_comes_from_the_file_and_is_never_lidc() {
        let name = |file: &str| name_of_file(&format!("some/folder.d/{file}"), "other");
        for (file, expected) in [
            ("mine.csv", "mine"),
            ("My Outlines (2).csv", "my-outlines--2"),
            ("lidc.csv", "own-lidc"),
            ("LIDC.csv", "own-lidc"),
            ("=cmd.csv", "cmd"),
            ("..csv", "own"),
            ("\u{e9}.csv", "own"),
            (".csv", "csv"),
            ("v1.2.csv", "v1.2"),
        ] {
            assert_eq!(name(file), expected);
            assert!(is_name(expected));
        }
        assert_eq!(name(&"a".repeat(300)).len(), 64);
        assert_eq!(name_of_file("mine.csv", LIDC), "lidc");
        assert_eq!(Outlines::lidc().name(), "lidc");
    }

    #[test]
    fn a_distribution_with_other_outlines_is_not_called_lidc() {
        let text = format!("{HEADER}a,1,1,{SQUARE}\nb,5,5,{FLAT}\n");
        let mine = Outlines::parse(&text, "mine.csv").unwrap();
        let [lidc, both] = ["lidc", "both"].map(|n| crate::Distribution::from_name(n).unwrap());
        let mut other = lidc.clone();
        other.name = "other".into();
        let embedded = Outlines::lidc();
        assert_eq!(lidc.name_with(&embedded), "lidc");
        assert_eq!(lidc.name_with(&mine), "outlines-mine");
        assert_eq!(other.name_with(&mine), "other-with-mine");
        assert_eq!(other.name_with(&embedded), "other");
        assert_eq!(both.name_with(&mine), "both");
    }
}
