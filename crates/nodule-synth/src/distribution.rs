//! Distributions: a table of P(label, shape level, texture level), declared in TOML.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::built_in::{BUILT_IN, spurious};
use crate::error::setting;
use crate::{Error, Label, Mode, ShapeLevel, TextureLevel};

/// How far the probabilities may be from adding up to 1.
const SUM_TOLERANCE: f64 = 1e-9;
/// How far a shifted nuisance may go beyond the range of training.
const SHIFT: std::ops::RangeInclusive<f64> = -0.5..=2.0;

/// Where outlines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutlineSource {
    /// The generator's own contour.
    #[default]
    Synthetic,
    /// Real outlines, rated smooth for `regular` and irregular for `irregular`.
    Lidc,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The label of its images.
    pub label: Label,
    /// Where the shape latent is drawn from, uniformly.
    pub shape: ShapeLevel,
    /// Where the texture latent is drawn from, uniformly.
    pub texture: TextureLevel,
    /// Its share of the images.
    pub probability: f64,
}

/// A nuisance drawn from another range than training's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shift {
    pub(crate) mode: Mode,
    /// Uniform between these levels; training draws from 0 to 1.
    pub(crate) range: (f64, f64),
}

/// A distribution of nodules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Its name in tables: a-z, 0-9, `-` and `.`.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub(crate) test_only: bool,
    #[serde(default)]
    pub(crate) outlines: OutlineSource,
    #[serde(default, rename = "shift", skip_serializing_if = "Vec::is_empty")]
    pub(crate) shifts: Vec<Shift>,
    /// Its table.
    #[serde(rename = "cell")]
    pub cells: Vec<Cell>,
}

impl Distribution {
    /// The names of the built-in ones. `spurious-R` comes on top, for any R from 0 to 1.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        BUILT_IN
            .iter()
            .map(|(name, _)| *name)
            .chain(["spurious-R (R from 0 to 1)"])
            .collect()
    }

    /// The built-in one of that name; `spurious-0.9` and the like are made on demand.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let built_in = BUILT_IN.iter().find(|(other, _)| *other == name);
        let parse = |(name, text): &(&str, &str)| {
            Self::parse(text, &format!("data/distributions/{name}.toml")).ok()
        };
        built_in.and_then(parse).or_else(|| spurious(name))
    }

    /// The one in a TOML file.
    ///
    /// # Errors
    /// If it cannot be read, does not parse, or is not a distribution: the message names the file,
    /// the field, the value and what is allowed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(crate::error::file_error(path))?;
        Self::parse(&text, &path.to_string_lossy())
    }

    /// The built-in one of that name, or the one in that file.
    ///
    /// # Errors
    /// As [`Distribution::read`]; and if there is neither.
    pub fn resolve(name_or_path: &str) -> Result<Self, Error> {
        if let Some(built_in) = Self::named(name_or_path) {
            return Ok(built_in);
        }
        let path = Path::new(name_or_path);
        if path.is_file() {
            return Self::read(path);
        }
        let allowed = format!("a file, or one of {}", Self::names().join(", "));
        Err(setting(
            "command line",
            "distribution",
            name_or_path,
            allowed,
        ))
    }

    /// Parses and checks TOML; `place` names it in messages.
    ///
    /// # Errors
    /// As [`Distribution::read`].
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let parsed: Result<Self, _> = toml::from_str(text);
        let distribution = parsed.map_err(|e| {
            let line = e
                .span()
                .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}"));
            Error::Syntax {
                place,
                reason: in_context(text, &e),
            }
        })?;
        distribution.check(place)?;
        Ok(distribution)
    }

    /// Whether it may only be tested on: its label is not what a network should learn.
    #[must_use]
    pub fn test_only(&self) -> bool {
        self.test_only
    }

    fn check(&self, place: &str) -> Result<(), Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err(setting(
                place,
                "name",
                &self.name,
                "one or more of a-z, 0-9, - and .",
            ));
        }
        self.check_cells(place)?;
        for shift in &self.shifts {
            let (low, high) = shift.range;
            if !(SHIFT.contains(&low) && SHIFT.contains(&high) && low <= high) {
                let allowed = "two levels from -0.5 to 2, the lower one first";
                return Err(setting(
                    place,
                    format!("shift.range of {}", shift.mode),
                    format!("[{low}, {high}]"),
                    allowed,
                ));
            }
            if [Mode::Shape, Mode::Texture].contains(&shift.mode) {
                let allowed = "a nuisance: shape and texture belong to the cells";
                return Err(setting(place, "shift.mode", shift.mode, allowed));
            }
        }
        Ok(())
    }

    fn check_cells(&self, place: &str) -> Result<(), Error> {
        for (i, cell) in self.cells.iter().enumerate() {
            let field = |name: &str| format!("cell {}.{name}", i + 1);
            if !(0.0..=1.0).contains(&cell.probability) {
                return Err(setting(
                    place,
                    field("probability"),
                    cell.probability,
                    "from 0 to 1",
                ));
            }
            let same = |other: &Cell| {
                (other.label, other.shape, other.texture) == (cell.label, cell.shape, cell.texture)
            };
            if self.cells[..i].iter().any(same) {
                let value = format!("{}, {}, {}", cell.label, cell.shape, cell.texture);
                return Err(setting(
                    place,
                    format!("cell {}", i + 1),
                    value,
                    "named once",
                ));
            }
            if self.outlines == OutlineSource::Lidc && cell.shape == ShapeLevel::Any {
                let allowed = "regular or irregular: real outlines are rated one or the other";
                return Err(setting(place, field("shape"), "any", allowed));
            }
        }
        let sum: f64 = self.cells.iter().map(|cell| cell.probability).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(setting(place, "sum of cell.probability", sum, "1"));
        }
        for label in [Label::Normal, Label::Abnormal] {
            let share: f64 = self
                .cells
                .iter()
                .filter(|c| c.label == label)
                .map(|c| c.probability)
                .sum();
            if share == 0.0 && !self.test_only {
                let field = format!("share of {label} cells");
                return Err(setting(
                    place,
                    field,
                    share,
                    "above 0, unless test_only = true",
                ));
            }
        }
        Ok(())
    }
}

/// What the parser says, with the line it says it of: the value at fault stands there.
fn in_context(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim_end().replace('\n', " ");
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text[start..].lines().next().unwrap_or_default();
    let before = text[..start].rsplit('\n').next().unwrap_or_default();
    format!("`{}`: {message}", format!("{before}{line}").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_one_is_sound_and_bears_its_name() {
        for (name, text) in BUILT_IN {
            let distribution = Distribution::parse(text, name).unwrap();
            assert_eq!(distribution.name, name);
            assert!(!distribution.description.is_empty(), "{name}");
            assert_eq!(Distribution::named(name), Some(distribution));
        }
    }

    #[test]
    fn spurious_distributions_are_made_on_demand() {
        let ninety = Distribution::named("spurious-0.9").unwrap();
        assert_eq!(ninety.cells.len(), 4);
        assert!(ninety.check("here").is_ok());
        let always = Distribution::named("spurious-1").unwrap();
        assert_eq!(always.cells, Distribution::named("both").unwrap().cells);
        for wrong in [
            "spurious-",
            "spurious-1.1",
            "spurious-x",
            "spurious-nan",
            "spurious--0.1",
        ] {
            assert_eq!(Distribution::named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_distribution_is_refused_with_the_reason() {
        let refused = |text: &str| {
            Distribution::parse(text, "mine.toml")
                .unwrap_err()
                .to_string()
        };
        let table = |a: &str, b: &str| {
            format!(
                "name = \"mine\"\n[[cell]]\nlabel = \"normal\"\nshape = \"regular\"\ntexture = \"any\"\nprobability = {a}\n[[cell]]\nlabel = \"abnormal\"\nshape = \"irregular\"\ntexture = \"any\"\nprobability = {b}\n"
            )
        };
        assert!(Distribution::parse(&table("0.5", "0.5"), "mine.toml").is_ok());
        for (a, b, word) in [
            ("0.5", "0.4", "0.9"),
            ("1.5", "-0.5", "1.5"),
            ("nan", "0.5", "NaN"),
            ("1.0", "0.0", "abnormal"),
        ] {
            let message = refused(&table(a, b));
            assert!(
                message.contains(word) && message.starts_with("mine.toml"),
                "{message}"
            );
        }
        let table = table("0.5", "0.5");
        let message = refused(&table.replace("\"irregular\"", "\"jagged\""));
        assert!(
            message.contains("mine.toml:9: `shape = \"jagged\"`"),
            "{message}"
        );
        assert!(
            refused(
                &table
                    .replace("irregular", "regular")
                    .replace("abnormal", "normal")
            )
            .contains("named once")
        );
        assert!(refused(&format!("{table}colour = 1\n")).contains("colour"));
        assert!(
            refused(&format!(
                "outlines = \"lidc\"\n{}",
                table.replace("\"regular\"", "\"any\"")
            ))
            .contains("rated")
        );
        let shift = |text: &str| refused(&format!("{table}[[shift]]\n{text}\n"));
        assert!(shift("mode = \"noise\"\nrange = [1.0, 9.0]").contains("[1, 9]"));
        assert!(shift("mode = \"shape\"\nrange = [0.0, 1.0]").contains("nuisance"));
    }
}
