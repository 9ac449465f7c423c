//! Reading a study: from a name or a file to something that can run, or a message that says why not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nodule_synth::{Distribution, Outlines};

use crate::Error;
use crate::check::check;
use crate::folder::read_text;
use crate::settings::Study;
use crate::vary::{Variant, variants};

/// The studies that come with the program, by name.
const BUILT_IN: [(&str, &str); 6] = [
    ("smoke", include_str!("../../../data/studies/smoke.toml")),
    ("quick", include_str!("../../../data/studies/quick.toml")),
    ("paper", include_str!("../../../data/studies/paper.toml")),
    (
        "extended",
        include_str!("../../../data/studies/extended.toml"),
    ),
    (
        "salience",
        include_str!("../../../data/studies/salience.toml"),
    ),
    (
        "multiverse",
        include_str!("../../../data/studies/multiverse.toml"),
    ),
];

/// A study whose every name is resolved and every number checked.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The study. Files it names lie beside it as [`Resolved::attachments`].
    pub study: Study,
    /// The training distributions, in the study's order.
    pub train: Vec<Distribution>,
    /// The test distributions, in the study's order.
    pub test: Vec<Distribution>,
    /// The real outlines.
    pub outlines: Arc<Outlines>,
    /// The user's own files, as (path relative to the study, contents): an output folder holds a
    /// copy, so that it can be read without them.
    pub attachments: Vec<(String, String)>,
    /// The same study with settings changed, in a fixed order.
    pub variants: Vec<Variant>,
}

impl Resolved {
    /// The study with its distributions called by their names, as runs call them, where the file
    /// calls them by their paths.
    pub(crate) fn named(&self) -> Study {
        let names = |all: &[Distribution]| all.iter().map(|d| d.name.clone()).collect();
        Study {
            train: names(&self.train),
            test: names(&self.test),
            ..self.study.clone()
        }
    }

    /// The study itself (0), or its variant `universe - 1`.
    pub(crate) fn universe(&self, universe: usize) -> &Self {
        match universe.checked_sub(1) {
            Some(i) => &self.variants[i].resolved,
            None => self,
        }
    }
}

/// Loads the study of that name (`smoke`, `quick`, `paper`, `extended`, `salience`, `multiverse`), or in that file.
///
/// # Errors
/// One message that names the file, the field, its value and what is allowed.
pub fn load_study(name_or_path: &str) -> Result<Resolved, Error> {
    if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
        return parse_study(text, &format!("data/studies/{name}.toml"), Path::new("."));
    }
    let path = Path::new(name_or_path);
    if !path.is_file() {
        let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        return Err(Error::Setting {
            place: "command line".into(),
            field: "study".into(),
            value: name_or_path.into(),
            allowed: format!("a file, or one of {}", names.join(", ")),
        });
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let text = read_text(path).map_err(|e| Error::Syntax {
        place: name_or_path.into(),
        reason: e.to_string(),
    })?;
    parse_study(&text, name_or_path, folder)
}

/// Parses and resolves a study. `place` names it in messages; what it names lies in `folder`.
pub(crate) fn parse_study(text: &str, place: &str, folder: &Path) -> Result<Resolved, Error> {
    let mut study: Study = parse_toml(text, place)?;
    study.network.image_size = study.generator.image_size;
    let mut attachments = Attachments {
        folder: folder.to_path_buf(),
        files: Vec::new(),
    };
    let train = attachments.distributions(&mut study.train, "train", place)?;
    let test = attachments.distributions(&mut study.test, "test", place)?;
    let outlines = match &mut study.outlines {
        Some(name) => {
            let outlines = Outlines::read(&folder.join(&*name))?;
            *name = attachments.attach(name)?;
            outlines
        }
        None => Outlines::embedded(),
    };
    check(&study, &train, &test, place)?;
    let mut resolved = Resolved {
        study,
        train,
        test,
        outlines,
        attachments: attachments.files,
        variants: Vec::new(),
    };
    resolved.variants = variants(&resolved, place)?;
    Ok(resolved)
}

/// Parses TOML into `T`; what does not fit is named by line and field.
pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(
    text: &str,
    place: &str,
) -> Result<T, Error> {
    let syntax = |reason: &str, span: Option<std::ops::Range<usize>>| {
        let line = span.map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        Error::Syntax {
            place: line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}")),
            reason: plain_words(reason),
        }
    };
    let document = toml::Deserializer::parse(text).map_err(|e| syntax(e.message(), e.span()))?;
    serde_path_to_error::deserialize(document).map_err(|e| {
        let field = e.path().to_string();
        let inner = e.into_inner();
        syntax(&format!("{field}: {}", inner.message()), inner.span())
    })
}

/// Rust's names of types, in words.
fn plain_words(reason: &str) -> String {
    let words = [
        ("usize", "a whole number from 0"),
        ("u64", "a whole number from 0"),
        ("f64", "a number"),
    ];
    words.iter().fold(
        reason.trim_end().replace('\n', " "),
        |text, (rust, plain)| {
            text.replace(&format!("expected {rust}"), &format!("expected {plain}"))
        },
    )
}

/// The user's own files that a study names.
struct Attachments {
    folder: PathBuf,
    files: Vec<(String, String)>,
}

impl Attachments {
    /// Resolves each name, and points the names of files at their copies.
    fn distributions(
        &mut self,
        names: &mut [String],
        field: &str,
        place: &str,
    ) -> Result<Vec<Distribution>, Error> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for name in names {
            let distribution = self.distribution(name, field, place)?;
            if !seen.insert(distribution.name.clone()) {
                return Err(Error::Setting {
                    place: place.into(),
                    field: field.into(),
                    value: distribution.name,
                    allowed: "named once".into(),
                });
            }
            all.push(distribution);
        }
        Ok(all)
    }

    fn distribution(
        &mut self,
        name: &mut String,
        field: &str,
        place: &str,
    ) -> Result<Distribution, Error> {
        if let Some(built_in) = Distribution::named(name) {
            return Ok(built_in);
        }
        let path = self.folder.join(&*name);
        if !path.is_file() {
            return Err(Error::Setting {
                place: place.into(),
                field: field.into(),
                value: name.clone(),
                allowed: format!("a file, or one of {}", Distribution::names().join(", ")),
            });
        }
        let distribution = Distribution::read(&path)?;
        *name = self.attach(name)?;
        Ok(distribution)
    }

    /// Keeps the file's text and returns the name of its copy.
    fn attach(&mut self, name: &str) -> Result<String, Error> {
        let path = self.folder.join(name);
        let copy = format!(
            "inputs/{}",
            path.file_name().unwrap_or_default().to_string_lossy()
        );
        let text = read_text(&path)?;
        match self.files.iter().find(|(other, _)| *other == copy) {
            None => self.files.push((copy.clone(), text)),
            Some((_, same)) if *same == text => {}
            Some(_) => {
                let reason =
                    "another file of that name is named too: rename one of them".to_owned();
                return Err(Error::Record { path, reason });
            }
        }
        Ok(copy)
    }
}
