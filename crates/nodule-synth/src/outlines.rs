//! Outlines of real nodules: read, checked, smoothed and brought to one form.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use nodule_seed::sha256_hex;
use serde::Deserialize;

use crate::contour::area_and_centroid;
use crate::descriptors::smoothed;
use crate::distribution::{MOST_NAME, is_name};
use crate::error::{setting, shown, syntax};
use crate::input::read_text;
use crate::soundness::{check_smoothed, drawn_outline};
use crate::{Error, ShapeLevel};

/// The outlines that come with the crate: 711 nodules of LIDC-IDRI (Armato et al. 2011).
const LIDC: &str = include_str!("../data/lidc/lidc_contours.csv");
const LIDC_PLACE: &str = "data/lidc/lidc_contours.csv";
/// Columns a file of outlines must have; it may have more.
const COLUMNS: [&str; 4] = ["nodule", "lobulation", "spiculation", "contour_mm"];
/// Bytes of a file.
const MOST_BYTES: u64 = 16 << 20;
/// Rows of a file.
const MOST_ROWS: usize = 20_000;
/// Ratings up to which both lobulation and spiculation count as smooth.
const SMOOTH: f64 = 1.5;
/// Rating from which either counts as irregular.
const IRREGULAR: f64 = 3.5;

/// Real outlines, those rated smooth and those rated irregular: at least one of each.
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
    /// Centred on the origin, smoothed from the staircase of pixels it was drawn on.
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
    /// Name of the embedded ones.
    pub const LIDC: &str = "lidc";

    /// Those of `data/lidc`: 264 smooth, 145 irregular, and others between.
    ///
    /// # Panics
    /// Never: the file is compiled in, and a test reads it.
    #[must_use]
    pub fn embedded() -> Arc<Self> {
        static EMBEDDED: LazyLock<Arc<Outlines>> = LazyLock::new(|| {
            let outlines = Outlines::parse(LIDC, LIDC_PLACE);
            Arc::new(outlines.expect("the file that is compiled in is sound"))
        });
        EMBEDDED.clone()
    }

    /// Those of a CSV file with the columns `nodule`, `lobulation`, `spiculation` (ratings 1 to 5)
    /// and `contour_mm` (`x y;x y;...`), in any order and among others: at most 16 MiB and 20,000
    /// rows of 8 to 1,000 points.
    ///
    /// # Errors
    /// If the file cannot be read or is too large, lacks a column, or holds a rating or a contour
    /// that is not sound: the message names the file, the row, the field and the value. A contour
    /// is sound that is one closed curve, 0.5 to 200 mm across and within 1,000 mm of the origin,
    /// that does not cross itself as it stands, nor (but for loops of 1% of its area) once
    /// [smoothed](crate::descriptors::smoothed); and, where it is rated smooth or irregular, no
    /// longer than 4 radii of the disc of equal area, or it would not fit into an image.
    pub fn read(path: &Path) -> Result<Arc<Self>, Error> {
        let text = read_text(path, MOST_BYTES)?;
        Self::parse(&text, &path.to_string_lossy()).map(Arc::new)
    }

    /// Parses and checks; `place` names the file in messages, and the outlines after it.
    fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let refuse = |reason: String| syntax(place, shown(&reason));
        let headers = reader.headers().map_err(|e| refuse(e.to_string()))?.clone();
        for column in COLUMNS {
            if !headers.iter().any(|h| h == column) {
                let columns = COLUMNS.join(", ");
                return Err(refuse(format!("has no column {column}; needs {columns}")));
            }
        }
        let mut outlines = Self {
            name: name(place, text),
            all: Vec::new(),
            smooth: Vec::new(),
            irregular: Vec::new(),
            digest: sha256_hex(text),
        };
        for row in reader.deserialize() {
            if outlines.all.len() == MOST_ROWS {
                return Err(refuse(format!("has more than {MOST_ROWS} outlines")));
            }
            let row: Row = row.map_err(|e| refuse(e.to_string()))?;
            outlines.push(&row, place)?;
        }
        for (class, name) in [
            (&outlines.smooth, "smooth"),
            (&outlines.irregular, "irregular"),
        ] {
            if class.is_empty() {
                return Err(refuse(format!("has no outline rated {name}")));
            }
        }
        Ok(outlines)
    }

    fn push(&mut self, row: &Row, place: &str) -> Result<(), Error> {
        let place = format!("{place}: nodule {}", shown(&row.nodule));
        for (field, rating) in [
            ("lobulation", row.lobulation),
            ("spiculation", row.spiculation),
        ] {
            if !(1.0..=5.0).contains(&rating) {
                return Err(setting(&place, field, rating, "a rating from 1 to 5"));
            }
        }
        let drawn = drawn_outline(&row.contour_mm, &place)?;
        let (_, [x0, y0]) = area_and_centroid(&drawn);
        let centred: Vec<_> = drawn.iter().map(|[x, y]| [x - x0, y - y0]).collect();
        let points = smoothed(&centred);
        let smooth = row.lobulation <= SMOOTH && row.spiculation <= SMOOTH;
        let irregular = row.lobulation >= IRREGULAR || row.spiculation >= IRREGULAR;
        check_smoothed(&points, smooth || irregular, &place)?;
        if smooth {
            self.smooth.push(self.all.len());
        }
        if irregular {
            self.irregular.push(self.all.len());
        }
        self.all.push(Outline { points });
        Ok(())
    }

    /// Their name in tables: [`Outlines::LIDC`] for the embedded ones, whatever file they come
    /// from; otherwise the file's, without its ending and with `-` for what is not a-z, 0-9, `-`
    /// or `.`, and never `lidc`. It is a label: what tells outlines apart is their
    /// [digest](Outlines::digest). Tables get it from [`crate::Distribution::name_with`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows of the outlines rated so: 1.5 or less in lobulation and spiculation is regular, 3.5 or
    /// more in either is irregular.
    #[must_use]
    pub fn rated(&self, level: ShapeLevel) -> &[usize] {
        match level {
            ShapeLevel::Regular => &self.smooth,
            ShapeLevel::Irregular => &self.irregular,
            ShapeLevel::Any => &[],
        }
    }

    /// How many there are, rated or not: at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "they are never empty")]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The points of one outline, centred on the origin, or none if there is no such row.
    #[must_use]
    pub fn points(&self, row: usize) -> Option<&[[f64; 2]]> {
        self.all.get(row).map(|outline| outline.points.as_slice())
    }

    /// SHA-256 of the file, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// The embedded outlines are theirs by content, others by the name of their file.
fn name(place: &str, text: &str) -> String {
    if text == LIDC {
        return Outlines::LIDC.to_owned();
    }
    let stem = Path::new(place).file_stem().unwrap_or_default();
    let plain = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9' | '-' | '.') => c,
        _ => '-',
    };
    let plain: String = stem.to_string_lossy().chars().map(plain).collect();
    let name: String = plain
        .trim_matches(['-', '.'])
        .chars()
        .take(MOST_NAME)
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

    #[test]
    fn the_embedded_outlines_are_sound_and_rated() {
        let outlines = Outlines::embedded();
        assert_eq!(outlines.all.len(), 711);
        assert_eq!(outlines.rated(ShapeLevel::Regular).len(), 264);
        assert_eq!(outlines.rated(ShapeLevel::Irregular).len(), 145);
        assert_eq!(outlines.digest().len(), 64);
    }

    #[test]
    fn what_is_not_sound_is_named() {
        let header = "nodule,lobulation,spiculation,contour_mm\n";
        let square = "0 0;1 0;2 0;2 1;2 2;1 2;0 2;0 1";
        let parse = |rows: &str| Outlines::parse(&format!("{header}{rows}"), "mine.csv");
        assert!(parse(&format!("a,1,1,{square}\nb,5,5,{square}\n")).is_ok());
        let refused = |rows: &str| parse(rows).unwrap_err().to_string();
        assert!(refused(&format!("a,1,1,{square}\n")).contains("no outline rated irregular"));
        assert!(refused(&format!("a,NaN,1,{square}\n")).contains("nodule a: lobulation = NaN"));
        assert!(refused("a,1,1,0 0;1 1\n").contains("8 to 1000 points"));
        assert!(refused(&format!("a,1,1,{square};x 1\n")).contains("`x 1`"));
        assert!(refused("a,1,1,0 0;1 0;2 0;3 0;4 0;5 0;6 0;7 0\n").contains("contour_mm"));
        assert!(refused("a,one,1,x\n").contains("mine.csv"));
        let message = Outlines::parse("nodule\n1\n", "mine.csv")
            .unwrap_err()
            .to_string();
        assert!(message.contains("no column lobulation"), "{message}");
    }

    #[test]
    fn their_name_is_their_files_and_never_that_of_others() {
        let name_of = |file: &str| name(&format!("some/folder.d/{file}"), "other");
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
            assert_eq!(name_of(file), expected);
            assert!(is_name(expected));
        }
        assert_eq!(name_of(&"a".repeat(300)).len(), 64);
        assert_eq!(name("mine.csv", LIDC), "lidc");
        assert_eq!(Outlines::embedded().name(), "lidc");
    }

    #[test]
    fn a_distribution_of_ones_own_outlines_is_not_called_lidc() {
        let square = "0 0;1 0;2 0;2 1;2 2;1 2;0 2;0 1";
        let text =
            format!("nodule,lobulation,spiculation,contour_mm\na,1,1,{square}\nb,5,5,{square}\n");
        let mine = Outlines::parse(&text, "mine.csv").unwrap();
        let [lidc, both] = ["lidc", "both"].map(|n| crate::Distribution::named(n).unwrap());
        let mut other = lidc.clone();
        other.name = "other".into();
        let embedded = Outlines::embedded();
        assert_eq!(lidc.name_with(&embedded), "lidc");
        assert_eq!(lidc.name_with(&mine), "outlines-mine");
        assert_eq!(other.name_with(&mine), "other-with-mine");
        assert_eq!(other.name_with(&embedded), "other");
        assert_eq!(both.name_with(&mine), "both");
    }
}
