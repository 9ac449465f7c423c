//! Loading of a study: from a name or a file to a study that can be run, or one error message.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nodule_error::{conflict, invalid_value, one_of};
use nodule_synth::{Distribution, Outlines};

use crate::Error;
use crate::check::{Sources, check, check_run_count};
use crate::claims::Hypothesis;
use crate::file::{ImageSet, Study, built_in_studies, find_built_in, parse_toml};
use crate::files::read_input;
use crate::resolved::{Registry, Resolved, TrainingSet, UserBackgrounds, UserImages, assign_folds};
use crate::variation::{create_trials, create_variants};

/// Loads the built-in study of that name, or the study in that file, with the losses and networks of `registry`.
///
/// ```
/// use nodule_study::{Registry, load_study};
///
/// let smoke = load_study("smoke", &Registry::default())?;
/// assert_eq!(smoke.study.losses, ["ce", "contrastive", "ce+contrastive"]);
/// let error = load_study("smok", &Registry::default()).unwrap_err();
/// assert!(error.to_string().ends_with("did you mean smoke?"));
/// # Ok::<(), nodule_study::Error>(())
/// ```
///
/// # Errors
/// One message with the file, the field, its value and what is allowed.
pub fn load_study(name_or_path: &str, registry: &Registry) -> Result<Resolved, Error> {
    if let Some(text) = find_built_in(name_or_path) {
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

/// Parses and resolves a study. `place` names its file in messages; the files that it names lie in `folder`.
pub(crate) fn parse_study(
    text: &str,
    place: &str,
    folder: &Path,
    registry: &Registry,
) -> Result<Resolved, Error> {
    registry.check().map_err(|e| e.at("registry"))?;
    let study = parse_toml(text, place)?;
    // The only point at which the file's name is added to errors.
    resolve(study, folder, registry).map_err(|e| e.or_at(place))
}

/// Returns the study with images of another size, and a network for them. It has no variants.
///
/// # Errors
/// For a size that the generator or the network does not allow.
pub fn resize(
    resolved: &Resolved,
    image_size: usize,
    registry: &Registry,
) -> Result<Resolved, Error> {
    let mut study = resolved.study.clone();
    study.generator.image_size = image_size;
    study.network.remove("image_size");
    resolved
        .with_study(study, registry)
        .map_err(|e| e.or_at("command line"))
}

fn resolve(mut study: Study, folder: &Path, registry: &Registry) -> Result<Resolved, Error> {
    let mut attachments = Attachments {
        folder: folder.to_path_buf(),
        files: Vec::new(),
    };
    let train = attachments.resolve_sets(&mut study.train, "train")?;
    let (mut test, mut images) = (Vec::new(), Vec::new());
    for set in attachments.resolve_sets(&mut study.test, "test")? {
        match set {
            TrainingSet::Distribution(distribution) => test.push(distribution),
            TrainingSet::UserImages(set) => images.push(set),
        }
    }
    let outlines = match &mut study.outlines {
        Some(name) => {
            let outlines = Outlines::read(&folder.join(&*name))?;
            *name = attachments.attach(name)?;
            outlines
        }
        None => Outlines::lidc(),
    };
    let backgrounds = match &mut study.backgrounds {
        Some(table) => Some(UserBackgrounds::from_table(table, folder)?),
        None => None,
    };
    assign_training_folds(&mut study, &train)?;
    rename_by_outlines(&mut test, &outlines, &mut study.hypotheses);
    let sources = Sources {
        train: &train,
        test: &test,
        images: &images,
        backgrounds: backgrounds.as_ref(),
        registry,
    };
    let checked = check(study, &sources)?;
    check_run_count(&checked.study)?;
    let mut resolved = Resolved {
        study: checked.study,
        train,
        test,
        images,
        losses: checked.losses,
        network: checked.network,
        outlines,
        backgrounds,
        attachments: attachments.files,
        variants: Vec::new(),
    };
    let variants = create_variants(&resolved, registry)?;
    resolved.variants = match &resolved.study.tune {
        // The variants are known only after the losses are tuned.
        Some(tune) => create_trials(&resolved, tune, registry)?,
        None => variants,
    };
    Ok(resolved)
}

/// Assigns a fold to every group of the user's training images, unless the study of an output folder has them. A report
/// then needs no images.
fn assign_training_folds(study: &mut Study, train: &[TrainingSet]) -> Result<(), Error> {
    let sources: Vec<_> = train.iter().filter_map(TrainingSet::user_images).collect();
    let mut fold = study.fold();
    // Folds that do not exist are reported by the checks.
    if sources.is_empty() || !fold.groups.is_empty() || fold.validate().is_err() {
        return Ok(());
    }
    let size = study.generator.image_size;
    let images = sources.iter().map(|source| source.load(size));
    fold.groups = assign_folds(&images.collect::<Result<Vec<_>, _>>()?, fold.folds);
    study.held_out = Some(fold);
    Ok(())
}

/// Names test sets of real outlines after their outlines, in tables and in claims: `lidc` is the name of the built-in ones
/// alone.
fn rename_by_outlines(test: &mut [Distribution], outlines: &Outlines, claims: &mut [Hypothesis]) {
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
    /// Resolves the entries of a list. Names of files are changed to those of their copies.
    fn resolve_sets(
        &mut self,
        entries: &mut [ImageSet],
        list: &str,
    ) -> Result<Vec<TrainingSet>, Error> {
        let mut names = BTreeSet::new();
        let mut sets = Vec::new();
        for entry in entries {
            let set = match entry {
                ImageSet::Distribution(name) => {
                    TrainingSet::Distribution(self.resolve_distribution(name, list)?)
                }
                ImageSet::UserImages(table) => {
                    TrainingSet::UserImages(UserImages::from_table(table, &self.folder)?)
                }
            };
            if !names.insert(set.name().to_owned()) {
                let reason = format!("{} is listed twice", set.name());
                return Err(conflict(list, reason).into());
            }
            sets.push(set);
        }
        Ok(sets)
    }

    fn resolve_distribution(
        &mut self,
        name: &mut String,
        list: &str,
    ) -> Result<Distribution, Error> {
        let distribution = Distribution::resolve_in(&self.folder, name).map_err(Error::from);
        let distribution = distribution.map_err(|e| e.in_section(list))?;
        if Distribution::from_name(name).is_none() {
            *name = self.attach(name)?;
        }
        Ok(distribution)
    }

    /// Stores the text of a file and returns the name of its copy.
    fn attach(&mut self, name: &str) -> Result<String, Error> {
        let path = self.folder.join(name);
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let copy = format!("inputs/{file_name}");
        let text = read_input(&path)?;
        match self.files.iter().find(|(other, _)| *other == copy) {
            None => self.files.push((copy.clone(), text)),
            Some((_, same)) if *same == text => {}
            Some(_) => {
                let reason = "another file of the study has the same name; rename one of them";
                return Err(conflict(name, reason).into());
            }
        }
        Ok(copy)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns the text of a built-in study.
    pub(crate) fn built_in(name: &str) -> &'static str {
        find_built_in(name).unwrap()
    }

    /// Loads a study from its text, with the default registry, as `mine.toml`.
    pub(crate) fn load_text(text: &str) -> Result<Resolved, String> {
        parse_study(text, "mine.toml", Path::new("."), &Registry::default())
            .map_err(|e| e.to_string())
    }

    /// Loads the study `smoke` with `tables` before its table `[loss]`.
    fn load_with(tables: &str) -> Result<Resolved, String> {
        load_text(&built_in("smoke").replacen("[loss]", &format!("{tables}\n[loss]"), 1))
    }

    #[test]
    fn training_settings_of_one_loss_change_only_its_runs() {
        let plan = |resolved: &Resolved| crate::plan(resolved, "cpu");
        let ids = |resolved: &Resolved| plan(resolved).iter().map(|s| s.id.clone()).collect();
        let before = load_with("").unwrap();
        let after = load_with("[training.loss.ce]\nepochs = 5\nlearning_rate = 0.01").unwrap();
        for (before, after) in plan(&before).iter().zip(plan(&after)) {
            let is_ce = after.loss.name == "ce";
            assert_eq!(before.id != after.id, is_ce);
            assert_eq!(after.training.epochs, if is_ce { 5 } else { 2 });
            assert_eq!(after.training.batch_size, before.training.batch_size);
        }
        load_with("[training.until_flat]\nsteps = 4\nfall = 0.1").unwrap();
        let same = load_with("[training.loss.ce]\nepochs = 2").unwrap();
        let (before, same): (Vec<String>, Vec<String>) = (ids(&before), ids(&same));
        assert_eq!(before, same);
        assert!(
            load_with("[training.loss.ce]")
                .unwrap()
                .study
                .training
                .loss
                .is_empty()
        );
    }

    #[test]
    fn training_tables_of_one_loss_are_checked() {
        for (table, expected) in [
            (
                "[training.loss.cee]\nepochs = 3",
                "training.loss.cee: unknown loss",
            ),
            (
                "[training.loss.contrastiv]\nepochs = 3",
                "did you mean contrastive?",
            ),
            ("[training.loss.ce]\nepoch = 3", "did you mean epochs?"),
            (
                "[training.loss.ce]\nepochs = \"many\"",
                "expected a whole number",
            ),
            (
                "[training.loss.ce]\nepochs = 0",
                "training.loss.ce.epochs = 0: must be at least 1",
            ),
            (
                "[training.loss.ce]\nepochs = 1000001",
                "training.loss.ce.epochs = 1000001",
            ),
            (
                "[training.loss.ce]\nbatch_size = 65",
                "training.loss.ce.batch_size = 65",
            ),
            (
                "[training.loss.ce]\nlearning_rate = -1.0",
                "training.loss.ce.learning_rate = -1",
            ),
            (
                "[training.loss.ce.until_flat]\nsteps = 5\nfall = 0.1",
                "training.loss.ce.until_flat.steps = 5: must be at most 4, half of the training (2 epochs of 4 steps)",
            ),
            (
                "[training.loss.triplet]\nepochs = 3",
                "[training.loss.triplet]: has no effect: the study does not train triplet",
            ),
        ] {
            let message = load_with(table).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(expected),
                "{expected}: {message}"
            );
        }
    }

    #[test]
    fn outlines_need_a_distribution_that_has_some() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../data/lidc/lidc_contours.csv"
        );
        let head = built_in("smoke").split_once("[[hypothesis]]").unwrap().0;
        let named = head.replacen("seeds =", &format!("outlines = \"{file}\"\nseeds ="), 1);
        load_text(&named).unwrap();
        let message = load_text(&named.replacen(", \"lidc\"]", "]", 1)).unwrap_err();
        assert!(message.contains("outlines: has no effect"), "{message}");
    }

    #[test]
    fn settings_without_effect_are_rejected() {
        let load_loss = |settings: &str| {
            let (head, rest) = built_in("smoke").split_once("[loss]").unwrap();
            let (_, rest) = rest.split_once("[network]").unwrap();
            load_text(&format!("{head}[loss]\n{settings}\n[network]{rest}"))
        };
        assert!(load_loss("margin = 0.5\nweight = 2.0").is_ok());
        assert!(load_loss("[loss.contrastive]\nmargin = 0.5").is_ok());
        for (settings, expected) in [
            (
                "temperature = nan",
                "loss.temperature: has no effect: none of the study's losses (ce, contrastive, ce+contrastive)",
            ),
            ("temperature = 0.1", "loss.temperature: has no effect"),
            (
                "[loss.triplet]\nmargin = 0.5",
                "[loss.triplet]: has no effect: the study does not train triplet",
            ),
            ("[loss.focal]\ngamma = 1.0", "loss.focal: unknown loss"),
            ("weight = 1e300", "loss.ce+contrastive.weight = "),
            ("weight = 1e-300", "loss.ce+contrastive.weight = 0.0"),
            ("margn = 1.0", "did you mean margin?"),
            ("margin = nan", "margin = NaN: must be a finite number"),
        ] {
            let message = load_loss(settings).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(expected),
                "{expected}: {message}"
            );
        }
        let message = load_with("[held_out]\nfolds = 3\nfold = 0").unwrap_err();
        assert!(message.contains("[held_out]: has no effect"), "{message}");
    }

    #[test]
    fn lists_that_are_empty_or_repeat_a_name_are_rejected() {
        let replace = |from: &str, to: &str| {
            assert!(built_in("smoke").contains(from), "{from}");
            load_text(&built_in("smoke").replacen(from, to, 1)).unwrap_err()
        };
        let losses = r#"losses = ["ce", "contrastive", "ce+contrastive"]"#;
        assert_eq!(
            replace(losses, "losses = []"),
            "mine.toml: losses: list is empty"
        );
        assert_eq!(
            replace(losses, r#"losses = ["ce", "ce"]"#),
            "mine.toml: losses: ce is listed twice"
        );
        let read_outs = r#"read_outs = ["head", "centroid", "probe", "knn"]"#;
        assert_eq!(
            replace(read_outs, r#"read_outs = ["head"]"#),
            "mine.toml: read_outs: loss contrastive has no head; add centroid, probe or knn"
        );
        let message = replace(r#"train = ["both""#, r#"train = ["bth""#);
        assert!(
            message.starts_with("mine.toml: train: distribution = bth: must be a file")
                && message.ends_with("did you mean both?"),
            "{message}"
        );
    }
}
