//! Checks of a study before anything runs: limits, names and settings.
//!
//! Errors carry no place; [`crate::load_study`] adds the file.

mod claims;
mod fold;
mod limits;
mod losses;
mod names;
mod samples;
mod trends;

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_synth::Distribution;

use crate::Error;
use crate::file::{ImageSet, Study, to_json, to_toml};
use crate::resolved::{
    DROPOUT, PROJECTION, Registry, Resolved, StudyLoss, StudyNetwork, TrainingSet, UserBackgrounds,
    UserImages, test_names,
};

pub(crate) use limits::check_run_count;
pub(crate) use names::{check_known, check_unique};
pub(crate) use samples::MAX_IMAGES;

/// Maximum number of seeds; far more would overflow the number of runs.
const MAX_SEEDS: usize = 1000;
/// Maximum number of crossed seeds; the number of runs is its cube.
const MAX_CROSSED: usize = 16;

/// Data outside the study file that its names refer to.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) train: &'a [TrainingSet],
    pub(crate) test: &'a [Distribution],
    pub(crate) images: &'a [UserImages],
    pub(crate) backgrounds: Option<&'a UserBackgrounds>,
    pub(crate) registry: &'a Registry,
}

/// A study that passed all checks, with the settings of its losses and network filled in.
pub(crate) struct CheckedStudy {
    pub(crate) study: Study,
    pub(crate) losses: Vec<StudyLoss>,
    pub(crate) network: StudyNetwork,
}

/// Checks a study and fills in the settings of its losses and its network.
pub(crate) fn check(mut study: Study, sources: &Sources) -> Result<CheckedStudy, Error> {
    limits::check_limits(&study)?;
    // The network follows the image size, so the generator is checked first.
    study
        .generator
        .validate()
        .map_err(|e| in_table(e, "generator"))?;
    names::check_list("losses", &study.losses)?;
    losses::check_training_tables(&mut study, sources.registry)?;
    let size = study.generator.image_size;
    for (table, training) in study.training.tables() {
        training.validate().map_err(|e| e.in_table(&table))?;
        limits::check_shift(training, size).map_err(|e| e.in_table(&table))?;
    }
    if let Some(backgrounds) = sources.backgrounds {
        backgrounds.check_size(size)?;
    }
    fold::check_fold(&study, sources)?;
    let losses = losses::resolve_losses(&study, sources.registry)?;
    let network = to_json(&study.network)
        .and_then(|table| sources.registry.network(&table, size))
        .map_err(|e| e.in_table("network"))?;
    limits::check_network(&network)?;
    losses::check_projection(&network, &losses)?;
    study.loss_settings = losses::loss_tables(&losses);
    study.network = to_toml(&network.settings);
    let kind = network.kind.clone().into();
    study.network.insert("kind".into(), kind);
    if network.projection > 0 {
        let width = i64::try_from(network.projection).unwrap_or(i64::MAX);
        study.network.insert(PROJECTION.into(), width.into());
    }
    if network.dropout > 0.0 {
        study.network.insert(DROPOUT.into(), network.dropout.into());
    }
    check_sets(&study, sources)?;
    check_read_outs(&study, &losses)?;
    samples::check_samples(&study)?;
    check_crossed(&study, sources)?;
    claims::check_hypotheses(&study, &losses, sources)?;
    trends::check_trends(&study, &losses)?;
    Ok(CheckedStudy {
        study,
        losses,
        network,
    })
}

impl Resolved {
    /// Checks another version of this study, with the same training and test sets. The result has no variants.
    pub(crate) fn with_study(&self, study: Study, registry: &Registry) -> Result<Self, Error> {
        let sources = Sources {
            train: &self.train,
            test: &self.test,
            images: &self.images,
            backgrounds: self.backgrounds.as_ref(),
            registry,
        };
        let checked = check(study, &sources)?;
        Ok(Self {
            study: checked.study,
            losses: checked.losses,
            network: checked.network,
            variants: Vec::new(),
            ..self.clone()
        })
    }
}

/// Checks seeds, training sets and test sets.
fn check_sets(study: &Study, sources: &Sources) -> Result<(), InvalidInput> {
    check_range("seeds", study.seeds, 1, MAX_SEEDS)?;
    names::check_list("train", &train_names(sources))?;
    if study.test.is_empty() {
        return Err(conflict("test", "list is empty"));
    }
    check_unique("test", study.test.iter().filter_map(ImageSet::distribution))?;
    let size = study.generator.image_size;
    let trained_on = sources.train.iter().filter_map(TrainingSet::user_images);
    for images in sources.images.iter().chain(trained_on) {
        images.check_size(size)?;
    }
    let mut distributions = sources.train.iter().filter_map(TrainingSet::distribution);
    if let Some(test_only) = distributions.find(|distribution| distribution.is_test_only()) {
        let reason = format!("distribution {} is for testing only", test_only.name);
        return Err(conflict("train", reason));
    }
    let trained_on = sources.train.iter().filter_map(TrainingSet::distribution);
    let mut all = sources.test.iter().chain(trained_on);
    if study.outlines.is_some() && !all.any(Distribution::has_real_outlines) {
        let reason = "has no effect: no distribution of the study has real outlines; remove it";
        return Err(conflict("outlines", reason));
    }
    check_unique("test, as named in tables", &scored_names(sources))
}

fn check_read_outs(study: &Study, losses: &[StudyLoss]) -> Result<(), InvalidInput> {
    let names: Vec<_> = study.read_outs.iter().map(ToString::to_string).collect();
    names::check_list("read_outs", &names)?;
    match losses.iter().find(|loss| !loss.trains_head) {
        Some(loss) if study.read_outs.iter().all(|r| r.needs_head()) => {
            let reason = format!("loss {} has no head; add centroid, probe or knn", loss.name);
            Err(conflict("read_outs", reason))
        }
        _ => Ok(()),
    }
}

fn check_crossed(study: &Study, sources: &Sources) -> Result<(), InvalidInput> {
    let Some(crossed) = &study.crossed else {
        return Ok(());
    };
    names::check_list("crossed.train", &crossed.train)?;
    let train_names = train_names(sources);
    for train in &crossed.train {
        check_known("crossed.train", train, &train_names)?;
    }
    names::check_list("crossed.losses", &crossed.losses)?;
    for loss in &crossed.losses {
        check_known("crossed.losses", loss, &study.losses)?;
    }
    match (2..=study.seeds.min(MAX_CROSSED)).contains(&crossed.seeds) {
        true => Ok(()),
        false => {
            let allowed =
                format!("a whole number from 2 to the study's own seeds, and to {MAX_CROSSED}");
            Err(invalid_value("crossed.seeds", crossed.seeds, allowed))
        }
    }
}

/// Returns the names of the training sets, as in tables.
fn train_names(sources: &Sources) -> Vec<String> {
    let names = sources.train.iter().map(|set| set.name().to_owned());
    names.collect()
}

/// Returns the names of the scored test sets, as in tables.
fn scored_names(sources: &Sources) -> Vec<String> {
    let images = sources.images.iter().map(|images| images.name().to_owned());
    test_names(sources.test).into_iter().chain(images).collect()
}

fn check_range(field: &str, value: usize, low: usize, high: usize) -> Result<(), InvalidInput> {
    match (low..=high).contains(&value) {
        true => Ok(()),
        false => {
            let allowed = format!("a whole number from {low} to {high}");
            Err(invalid_value(field, value, allowed))
        }
    }
}

/// Returns an error of the generator's crate with the table in front of its field.
fn in_table(error: nodule_synth::Error, table: &str) -> Error {
    match error {
        // Drop the generator's place: the caller adds the study file.
        nodule_synth::Error::Setting(error) => error.in_table(table).at("").into(),
        other => other.into(),
    }
}
