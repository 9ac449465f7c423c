//! Distributions: tables of P(label, shape level, texture level), declared in TOML.

mod audit;
mod built_in;
mod check;
mod ideal_observer;
mod spurious;

pub use audit::{Audit, AuditRow};

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{conflicting, file_content, shorten, shorten_to};
use crate::text_file::read_text;
use crate::{Error, FactorLevels, Label, Mode, Outlines, ShapeLevel, TextureLevel};

/// Characters of a parser's message that an error shows.
const MAX_REASON: usize = 400;
/// Maximum size of a file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Source of a distribution's outlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutlineSource {
    /// The generator's own contours.
    #[default]
    Synthetic,
    /// Real outlines: rated smooth for `regular`, rated irregular for `irregular`.
    Lidc,
}

/// Row of a distribution's table: a combination of label, shape level and texture level, with its probability.
///
/// In TOML it is a `[[cell]]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combination {
    /// Label of its images.
    pub label: Label,
    /// Level from which the shape latent is drawn uniformly.
    pub shape: ShapeLevel,
    /// Level from which the texture latent is drawn uniformly.
    pub texture: TextureLevel,
    /// Share of the images, 0 to 1.
    pub probability: f64,
}

/// Nuisance that is drawn from a range other than that of training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shift {
    pub(crate) mode: Mode,
    /// Ends of the uniform range; training draws from 0 to 1.
    pub(crate) range: (f64, f64),
}

/// Distribution of nodules. Every way to create one checks it: probabilities add up to 1 and no row repeats.
///
/// ```
/// use nodule_synth::Distribution;
///
/// let text = r#"
/// name = "mine"
/// [[cell]]
/// label = "normal"
/// shape = "regular"
/// texture = "any"
/// probability = 0.5
/// [[cell]]
/// label = "abnormal"
/// shape = "irregular"
/// texture = "any"
/// probability = 0.5
/// "#;
/// let mine = Distribution::parse(text, "mine.toml")?;
/// assert_eq!(mine.combinations().len(), 2);
/// assert_eq!(Distribution::resolve("both")?.name, "both");
/// # Ok::<(), nodule_synth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Distribution {
    /// Name in tables: 1 to 64 of a-z, 0-9, `-` and `.`, starting with a letter or a digit.
    pub name: String,
    /// One sentence about its purpose.
    pub description: String,
    test_only: bool,
    outlines: OutlineSource,
    #[serde(rename = "shift", skip_serializing_if = "Vec::is_empty")]
    pub(crate) shifts: Vec<Shift>,
    #[serde(rename = "cell")]
    combinations: Vec<Combination>,
}

/// A distribution as written in TOML, before checks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
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
    combinations: Vec<Combination>,
}

impl TryFrom<Unchecked> for Distribution {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Self, Error> {
        Self::from_unchecked(unchecked, "distribution")
    }
}

impl Distribution {
    /// Reads a TOML file of at most 1 MiB.
    ///
    /// # Errors
    /// If the file cannot be read, does not parse, or is not a valid distribution. The message names the file, the
    /// field, the value and what is allowed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&read_text(path, MAX_BYTES)?, &path.to_string_lossy())
    }

    /// Parses and checks TOML. `place` is the file's name in messages.
    ///
    /// # Errors
    /// As [`Distribution::read`].
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let unchecked: Unchecked = toml::from_str(text).map_err(|e: toml::de::Error| {
            let before = e.span().and_then(|span| text.get(..span.start));
            let place = match before.map(|before| before.matches('\n').count() + 1) {
                Some(line) => format!("{place}:{line}"),
                None => place.to_owned(),
            };
            file_content(&place, describe(text, &e))
        })?;
        Self::from_unchecked(unchecked, place)
    }

    fn from_unchecked(unchecked: Unchecked, place: &str) -> Result<Self, Error> {
        let distribution = Self {
            name: unchecked.name,
            description: unchecked.description,
            test_only: unchecked.test_only,
            outlines: unchecked.outlines,
            shifts: unchecked.shifts,
            combinations: unchecked.combinations,
        };
        distribution.check(place)?;
        Ok(distribution)
    }

    /// The table: at least one row; the probabilities add up to 1.
    #[must_use]
    pub fn combinations(&self) -> &[Combination] {
        &self.combinations
    }

    /// Returns whether the distribution is for tests only, because its label is not one that a network should learn.
    #[must_use]
    pub fn is_test_only(&self) -> bool {
        self.test_only
    }

    /// Returns whether its nodules have real outlines instead of synthetic ones.
    #[must_use]
    pub fn has_real_outlines(&self) -> bool {
        self.outlines == OutlineSource::Lidc
    }

    /// Returns the outlines in `file`, or the embedded ones without a file.
    ///
    /// # Errors
    /// As [`Outlines::read`]; and if a file is given although the distribution has no real outlines, so that the file
    /// would have no effect.
    pub fn load_outlines(&self, file: Option<&Path>) -> Result<Arc<Outlines>, Error> {
        let Some(path) = file else {
            return Ok(Outlines::lidc());
        };
        if !self.has_real_outlines() {
            let reason = format!(
                "{} has no effect: `{}` has no real outlines; remove it, or choose a distribution with outlines = \"lidc\"",
                shorten(&path.to_string_lossy()),
                self.name
            );
            return Err(conflicting("command line", "outlines", reason));
        }
        Outlines::read(path)
    }

    /// Returns the distribution's name in tables when its nodules have these outlines.
    ///
    /// The name identifies real outlines that are not the embedded ones: `lidc` becomes `outlines-NAME`, and another
    /// distribution `ITS-NAME-with-NAME`, where NAME is [`Outlines::name`].
    #[must_use]
    pub fn name_with(&self, outlines: &Outlines) -> String {
        match (self.name.as_str(), outlines.name()) {
            (name, own) if !self.has_real_outlines() || own == Outlines::LIDC => name.to_owned(),
            (Outlines::LIDC, own) => format!("outlines-{own}"),
            (name, own) => format!("{name}-with-{own}"),
        }
    }
}

impl Combination {
    /// Returns the levels of shape and texture.
    #[must_use]
    pub fn levels(&self) -> FactorLevels {
        FactorLevels {
            shape: self.shape,
            texture: self.texture,
        }
    }
}

/// Returns the parser's message with the line that it refers to.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let message = nodule_error::describe_parse_error(error.message());
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let (before, after) = text.split_at_checked(start).unwrap_or_default();
    let line_start = before.rsplit('\n').next().unwrap_or_default();
    let line_end = after.lines().next().unwrap_or_default();
    let line = format!("{line_start}{line_end}");
    format!(
        "`{}`: {}",
        shorten(line.trim()),
        shorten_to(&message, MAX_REASON)
    )
}
