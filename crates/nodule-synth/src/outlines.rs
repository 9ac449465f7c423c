//! Outlines of real nodules: read, checked, smoothed and brought to one form.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::descriptors::smoothed;
use crate::error::{file_error, setting};
use crate::{Error, ShapeLevel};

/// The outlines that come with the crate: 711 nodules of LIDC-IDRI (Armato et al. 2011).
const LIDC: &str = include_str!("../../../data/lidc/lidc_contours.csv");
const LIDC_PLACE: &str = "data/lidc/lidc_contours.csv";
/// Columns a file of outlines must have; it may have more.
const COLUMNS: [&str; 4] = ["nodule", "lobulation", "spiculation", "contour_mm"];
/// Ratings up to which both lobulation and spiculation count as smooth.
const SMOOTH: f64 = 1.5;
/// Rating from which either counts as irregular.
const IRREGULAR: f64 = 3.5;

/// Real outlines, those rated smooth and those rated irregular.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlines {
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
    /// and `contour_mm` (`x y;x y;...`), in any order and among others.
    ///
    /// # Errors
    /// If the file cannot be read, lacks a column, or holds a rating or a contour that is not
    /// sound: the message names the file, the row, the field and the value.
    pub fn read(path: &Path) -> Result<Arc<Self>, Error> {
        let text = std::fs::read_to_string(path).map_err(file_error(path))?;
        Self::parse(&text, &path.to_string_lossy()).map(Arc::new)
    }

    fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let syntax = |reason: String| Error::Syntax {
            place: place.to_owned(),
            reason,
        };
        let headers = reader.headers().map_err(|e| syntax(e.to_string()))?.clone();
        for column in COLUMNS {
            if !headers.iter().any(|h| h == column) {
                let columns = COLUMNS.join(", ");
                return Err(syntax(format!("has no column {column}; needs {columns}")));
            }
        }
        let mut outlines = Self {
            all: Vec::new(),
            smooth: Vec::new(),
            irregular: Vec::new(),
            digest: digest(text),
        };
        for row in reader.deserialize() {
            let row: Row = row.map_err(|e| syntax(e.to_string()))?;
            outlines.push(&row, place)?;
        }
        for (class, name) in [
            (&outlines.smooth, "smooth"),
            (&outlines.irregular, "irregular"),
        ] {
            if class.is_empty() {
                return Err(syntax(format!("has no outline rated {name}")));
            }
        }
        Ok(outlines)
    }

    fn push(&mut self, row: &Row, place: &str) -> Result<(), Error> {
        let place = format!("{place}: nodule {}", row.nodule);
        for (field, rating) in [
            ("lobulation", row.lobulation),
            ("spiculation", row.spiculation),
        ] {
            if !(1.0..=5.0).contains(&rating) {
                return Err(setting(&place, field, rating, "a rating from 1 to 5"));
            }
        }
        let points = contour_points(&row.contour_mm, &place)?;
        let (area, [x0, y0]) = crate::contour::area_and_centroid(&points);
        let points: Vec<_> = points.iter().map(|[x, y]| [x - x0, y - y0]).collect();
        if area.abs() < 1e-6 {
            return Err(setting(
                &place,
                "contour_mm",
                format!("an area of {area}"),
                "a closed outline",
            ));
        }
        if row.lobulation <= SMOOTH && row.spiculation <= SMOOTH {
            self.smooth.push(self.all.len());
        }
        if row.lobulation >= IRREGULAR || row.spiculation >= IRREGULAR {
            self.irregular.push(self.all.len());
        }
        self.all.push(Outline {
            points: smoothed(&points),
        });
        Ok(())
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

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn contour_points(text: &str, place: &str) -> Result<Vec<[f64; 2]>, Error> {
    let refuse = |value: &str| {
        let allowed = "`x y;x y;...`, at least 8 points of two finite numbers each";
        setting(place, "contour_mm", format!("`{value}`"), allowed)
    };
    let point = |pair: &str| {
        let numbers: Option<Vec<f64>> = pair.split_whitespace().map(|n| n.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[x, y]) if x.is_finite() && y.is_finite() => Ok([x, y]),
            _ => Err(refuse(pair)),
        }
    };
    let points: Vec<_> = text.split(';').map(point).collect::<Result<_, _>>()?;
    if points.len() < 8 {
        return Err(refuse(text));
    }
    Ok(points)
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
        assert!(refused("a,1,1,0 0;1 1\n").contains("at least 8 points"));
        assert!(refused(&format!("a,1,1,{square};x 1\n")).contains("`x 1`"));
        assert!(refused("a,1,1,0 0;1 0;2 0;3 0;4 0;5 0;6 0;7 0\n").contains("contour_mm"));
        assert!(refused("a,one,1,x\n").contains("mine.csv"));
        let message = Outlines::parse("nodule\n1\n", "mine.csv")
            .unwrap_err()
            .to_string();
        assert!(message.contains("no column lobulation"), "{message}");
    }
}
