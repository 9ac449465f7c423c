//! Reading a study: from a name or a file to something that can run, or a message that says why not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nodule_error::{invalid_value, one_of};
use nodule_synth::{Distribution, Outlines};

use super::built_in::{built_in_studies, built_in_study};
use super::check::{Names, check};
use super::limits::check_runs;
use super::renamed::renamed;
use super::toml_text::parse_toml;
use super::trials::trials;
use super::variants::variants;
use super::{GivenBackgrounds, GivenImages, ImageSet, Registry, Resolved, Study, TrainingSet};
use crate::Error;
use crate::claims::Hypothesis;
use crate::files::read_input;

/// Loads the built-in study of that name, or the one in that file, with the losses and networks of
/// `registry`.
///
/// # Errors
/// One message that names the file, the field, its value and what is allowed.
pub fn load_study(name_or_path: &str, registry: &Registry) -> Result<Resolved, Error> {
    if let Some(text) = built_in_study(name_or_path) {
        let place = format!("data/studies/{name_or_path}.toml");
        return parse_study(text, &place, Path::new("."), registry);
    }
    let path = Path::new(name_or_path);
    if !path.exists() {
        let allowed = format!("a file, or {}", one_of(built_in_studies()));
        return Err(invalid_value("study", name_or_path, allowed)
            .suggest_value(built_in_studies())
            .at("command line")
            .into());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let text = read_input(path)?;
    parse_study(&text, name_or_path, folder, registry)
}

/// The same study with images of another size, and a network for them.
///
/// # Errors
/// [`Error::Setting`] for a size that the generator or the network does not allow.
pub fn resized(
    resolved: Resolved,
    image_size: usize,
    registry: &Registry,
) -> Result<Resolved, Error> {
    let mut study = resolved.study.clone();
    study.generator.image_size = image_size;
    study.network.remove("image_size");
    let names = Names {
        train: &resolved.train,
        test: &resolved.test,
        images: &resolved.images,
        backgrounds: resolved.backgrounds.as_ref(),
        registry,
        place: "command line",
    };
    let (study, losses, network) = check(study, &names)?;
    Ok(Resolved {
        study,
        losses,
        network,
        variants: Vec::new(),
        ..resolved
    })
}

/// Parses and resolves a study. `place` names it in messages; what it names lies in `folder`.
pub(crate) fn parse_study(
    text: &str,
    place: &str,
    folder: &Path,
    registry: &Registry,
) -> Result<Resolved, Error> {
    registry.check().map_err(|e| e.at("registry"))?;
    let mut study: Study = parse_toml(&renamed(text), place)?;
    let mut attachments = Attachments {
        folder: folder.to_path_buf(),
        files: Vec::new(),
    };
    let train = attachments.sets(&mut study.train, "train", place)?;
    let (mut test, images) = apart(attachments.sets(&mut study.test, "test", place)?);
    let outlines = match &mut study.outlines {
        Some(name) => {
            let outlines = Outlines::read(&folder.join(&*name))?;
            *name = attachments.attach(name)?;
            outlines
        }
        None => Outlines::lidc(),
    };
    let backgrounds = study.backgrounds.as_mut();
    let backgrounds = backgrounds.map(|table| GivenBackgrounds::find(table, folder));
    let backgrounds = backgrounds.transpose()?;
    called_by_outlines(&mut test, &outlines, &mut study.hypotheses);
    let names = Names {
        train: &train,
        test: &test,
        images: &images,
        backgrounds: backgrounds.as_ref(),
        registry,
        place,
    };
    let (study, losses, network) = check(study, &names)?;
    check_runs(&study).map_err(|e| e.at(place))?;
    let mut resolved = Resolved {
        study,
        train,
        test,
        images,
        losses,
        network,
        outlines,
        backgrounds,
        attachments: attachments.files,
        variants: Vec::new(),
    };
    let varied = variants(&resolved, registry, place)?;
    resolved.variants = match &resolved.study.tune {
        // Which runs the study itself has is known when its losses are tuned.
        Some(tune) => trials(&resolved, tune, registry, place)?,
        None => varied,
    };
    Ok(resolved)
}

/// The distributions among sets, and the images of the user's own.
fn apart(sets: Vec<TrainingSet>) -> (Vec<Distribution>, Vec<GivenImages>) {
    let (mut drawn, mut given) = (Vec::new(), Vec::new());
    for set in sets {
        match set {
            TrainingSet::Drawn(distribution) => drawn.push(distribution),
            TrainingSet::Given(images) => given.push(images),
        }
    }
    (drawn, given)
}

/// A set of real outlines is called after them in tables, and in the claims about it: `lidc` is those of
/// LIDC alone.
fn called_by_outlines(test: &mut [Distribution], outlines: &Outlines, claims: &mut [Hypothesis]) {
    for distribution in test.iter_mut().filter(|d| d.has_real_outlines()) {
        let name = distribution.name_with(outlines);
        for claim in claims.iter_mut() {
            claim.contrast.rename_test(&distribution.name, &name);
        }
        distribution.name = name;
    }
}

/// The user's own files that a study names.
struct Attachments {
    folder: PathBuf,
    files: Vec<(String, String)>,
}

impl Attachments {
    /// The distributions and the images of a list, each once. Names of files come to point at their copies.
    fn sets(
        &mut self,
        all: &mut [ImageSet],
        list: &str,
        place: &str,
    ) -> Result<Vec<TrainingSet>, Error> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for set in all {
            let set = match set {
                ImageSet::Drawn(name) => TrainingSet::Drawn(self.distribution(name, list, place)?),
                ImageSet::Given(table) => {
                    let given = GivenImages::find(table, list, &self.folder);
                    TrainingSet::Given(given.map_err(|e| match e {
                        Error::Setting(refused) => refused.at(place).into(),
                        other => other,
                    })?)
                }
            };
            if !seen.insert(set.name().to_owned()) {
                return Err(invalid_value(list, set.name(), "named once")
                    .at(place)
                    .into());
            }
            found.push(set);
        }
        Ok(found)
    }

    fn distribution(
        &mut self,
        name: &mut String,
        field: &str,
        place: &str,
    ) -> Result<Distribution, Error> {
        if let Some(built_in) = Distribution::from_name(name) {
            return Ok(built_in);
        }
        let path = self.folder.join(&*name);
        if !path.is_file() {
            let allowed = format!("a file, or {}", one_of(Distribution::names()));
            return Err(invalid_value(field, &*name, allowed)
                .suggest_value(Distribution::names())
                .at(place)
                .into());
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
        let text = read_input(&path)?;
        match self.files.iter().find(|(other, _)| *other == copy) {
            None => self.files.push((copy.clone(), text)),
            Some((_, same)) if *same == text => {}
            Some(_) => {
                let allowed =
                    "a file whose name no other file of the study bears: rename one of them";
                return Err(invalid_value("file", name, allowed).into());
            }
        }
        Ok(copy)
    }
}
