//! Distributions: a table of P(label, shape level, texture level), declared in TOML.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{setting, shortened, shown, syntax};
use crate::input::read_text;
use crate::{Error, Label, Mode, Outlines, ShapeLevel, TextureLevel};

/// How far the probabilities may be from adding up to 1.
const SUM_TOLERANCE: f64 = 1e-9;
/// Characters of a name.
pub(crate) const MOST_NAME: usize = 64;
/// Characters of a description.
const MOST_DESCRIPTION: usize = 500;
/// Characters of what the parser says that are passed on.
const MOST_REASON: usize = 400;
/// Bytes of a file.
const MOST_BYTES: u64 = 1 << 20;

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

/// A distribution of nodules. However it comes to be (parsed, read, deserialised or built in), it
/// has been checked: its probabilities add up to 1, and no row stands twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Declared")]
pub struct Distribution {
    /// Its name in tables: 1 to 64 of a-z, 0-9, `-` and `.`, the first a letter or a digit.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    pub(crate) test_only: bool,
    pub(crate) outlines: OutlineSource,
    #[serde(rename = "shift", skip_serializing_if = "Vec::is_empty")]
    pub(crate) shifts: Vec<Shift>,
    #[serde(rename = "cell")]
    pub(crate) cells: Vec<Cell>,
}

/// A distribution as it is written down, before anything is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    test_only: bool,
    #[serde(default)]
    outlines: OutlineSource,
    #[serde(default, rename = "shift")]
    shifts: Vec<Shift>,
    #[serde(rename = "cell")]
    cells: Vec<Cell>,
}

impl TryFrom<Declared> for Distribution {
    type Error = Error;

    fn try_from(declared: Declared) -> Result<Self, Error> {
        Self::checked(declared, "distribution")
    }
}

impl Distribution {
    /// The one in a TOML file of at most 1 MiB.
    ///
    /// # Errors
    /// If it cannot be read, does not parse, or is not a distribution: the message names the file,
    /// the field, the value and what is allowed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&read_text(path, MOST_BYTES)?, &path.to_string_lossy())
    }

    /// Parses and checks TOML; `place` names it in messages.
    ///
    /// # Errors
    /// As [`Distribution::read`].
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let parsed: Result<Declared, _> = toml::from_str(text);
        let declared = parsed.map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start));
            let place = match before.map(|before| before.matches('\n').count() + 1) {
                Some(line) => format!("{place}:{line}"),
                None => place.to_owned(),
            };
            syntax(&place, in_context(text, &e))
        })?;
        Self::checked(declared, place)
    }

    /// Its table: at least one row, each with a probability from 0 to 1, which add up to 1.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Whether it may only be tested on: its label is not what a network should learn.
    #[must_use]
    pub fn test_only(&self) -> bool {
        self.test_only
    }

    /// Whether its nodules have real outlines rather than the generator's own.
    #[must_use]
    pub fn has_real_outlines(&self) -> bool {
        self.outlines == OutlineSource::Lidc
    }

    /// The outlines to draw it with: those of `file`, or the embedded ones for none.
    ///
    /// # Errors
    /// As [`Outlines::read`]; and if there is a file, but no nodule of this distribution has a real
    /// outline, so that the file would change nothing.
    pub fn outlines(&self, file: Option<&Path>) -> Result<Arc<Outlines>, Error> {
        let Some(path) = file else {
            return Ok(Outlines::embedded());
        };
        if !self.has_real_outlines() {
            let allowed = format!(
                "left out: `{}` has no real outlines (a distribution with `outlines = \"lidc\"` has)",
                self.name
            );
            let value = path.to_string_lossy();
            return Err(setting("command line", "outlines", value, allowed));
        }
        Outlines::read(path)
    }

    /// Its name in tables where it is drawn with `outlines`. A distribution of real outlines must
    /// not stand under the same name whichever they are: with one's own, `lidc` becomes
    /// `outlines-NAME`, and another one `ITS-NAME-with-NAME`, after [`Outlines::name`].
    #[must_use]
    pub fn name_with(&self, outlines: &Outlines) -> String {
        match (self.name.as_str(), outlines.name()) {
            (name, own) if !self.has_real_outlines() || own == Outlines::LIDC => name.to_owned(),
            (Outlines::LIDC, own) => format!("outlines-{own}"),
            (name, own) => format!("{name}-with-{own}"),
        }
    }

    fn checked(declared: Declared, place: &str) -> Result<Self, Error> {
        let distribution = Self {
            name: declared.name,
            description: declared.description,
            test_only: declared.test_only,
            outlines: declared.outlines,
            shifts: declared.shifts,
            cells: declared.cells,
        };
        distribution.check_words(place)?;
        distribution.check_cells(place)?;
        distribution.check_sums(place)?;
        distribution.check_shifts(place)?;
        Ok(distribution)
    }

    fn check_words(&self, place: &str) -> Result<(), Error> {
        if !is_name(&self.name) {
            let allowed =
                format!("1 to {MOST_NAME} of a-z, 0-9, - and ., the first a letter or a digit");
            return Err(setting(place, "name", format!("`{}`", self.name), allowed));
        }
        let length = self.description.chars().count();
        if length > MOST_DESCRIPTION || self.description.chars().any(char::is_control) {
            let allowed = format!("one line of at most {MOST_DESCRIPTION} characters");
            let value = format!("`{}`", shown(&self.description));
            return Err(setting(place, "description", value, allowed));
        }
        Ok(())
    }

    fn check_shifts(&self, place: &str) -> Result<(), Error> {
        for (i, Shift { mode, range }) in self.shifts.iter().enumerate() {
            let refuse = |value: String, allowed: &str| {
                Err(setting(place, format!("shift {}", i + 1), value, allowed))
            };
            if [Mode::Shape, Mode::Texture].contains(mode) {
                let allowed = "a nuisance: shape and texture belong to the cells";
                return refuse(mode.to_string(), allowed);
            }
            if self.has_real_outlines() && *mode == Mode::Elongation {
                let allowed = "another nuisance: real outlines have an elongation of their own";
                return refuse(mode.to_string(), allowed);
            }
            if self.shifts[..i].iter().any(|other| other.mode == *mode) {
                return refuse(mode.to_string(), "shifted once");
            }
            let ((low, high), (least, most)) = (*range, mode.levels());
            if !(least <= low && low <= high && high <= most) {
                let allowed = format!("two levels from {least} to {most}, the lower one first");
                return refuse(format!("{mode} in [{low}, {high}]"), &allowed);
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
            if self.has_real_outlines() && cell.shape == ShapeLevel::Any {
                let allowed = "regular or irregular: real outlines are rated one or the other";
                return Err(setting(place, field("shape"), "any", allowed));
            }
        }
        Ok(())
    }

    fn check_sums(&self, place: &str) -> Result<(), Error> {
        let sum: f64 = self.cells.iter().map(|cell| cell.probability).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(setting(place, "sum of cell.probability", sum, "1"));
        }
        for label in [Label::Normal, Label::Abnormal] {
            let of_label = self.cells.iter().filter(|cell| cell.label == label);
            let share: f64 = of_label.map(|cell| cell.probability).sum();
            if share == 0.0 && !self.test_only {
                let field = format!("share of {label} cells");
                let allowed = "above 0, unless test_only = true";
                return Err(setting(place, field, share, allowed));
            }
        }
        Ok(())
    }
}

/// Whether `name` can stand in a path, in a table that a spreadsheet opens and on a command line
/// without meaning anything else there.
pub(crate) fn is_name(name: &str) -> bool {
    let begins = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=MOST_NAME).contains(&name.len())
        && name.starts_with(begins)
        && name.chars().all(|c| begins(c) || c == '-' || c == '.')
}

/// What the parser says, with the line it says it of: the value at fault stands there.
fn in_context(text: &str, error: &toml::de::Error) -> String {
    let message = nodule_error::describe_parse_error(error.message());
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let (before, after) = text.split_at_checked(start).unwrap_or_default();
    let line = after.lines().next().unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let line = format!("{before}{line}");
    format!(
        "`{}`: {}",
        shown(line.trim()),
        shortened(&message, MOST_REASON)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
