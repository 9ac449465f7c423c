//! Audit of external models: converts their predictions on a battery into run records for the standard report.

mod claims;
mod evaluate_model;
mod models;
mod notes;
mod records;

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_eval::ReadOut;
use nodule_study::claims::{Hypothesis, ScoredTest};
use nodule_study::records::FinishedRun;
use nodule_study::settings::{ImageSet, scored_tests};
use nodule_study::{Error, Study};
use serde::{Deserialize, Serialize};

use crate::{Battery, ExpectedSets, Predictions, SetKind};

pub use models::{ModelTable, read_models};
pub use nodule_study::settings::read_claims;
pub use records::write_records;

/// An external model and its predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name in tables; the same for all seeds of the model.
    pub name: String,
    /// Training distribution, one of the battery's. Its validation images give the unit of all effects.
    pub train: String,
    /// Number of the seed, from 0. Models with the same seed are compared in pairs.
    pub seed: usize,
    /// Predictions on the battery.
    pub predictions: Predictions,
}

/// Evaluations of external models, in the format of the report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Audit {
    /// The battery's study with the models in place of its losses.
    pub study: Study,
    /// Id of the battery.
    pub battery: String,
    /// One record per model and seed.
    pub runs: Vec<FinishedRun>,
    /// The scored tests of the battery.
    pub tests: Vec<ScoredTest>,
    /// `predictions.csv` of each record.
    pub predictions: Vec<String>,
    /// Remarks about the models that a reader needs before the numbers, one sentence each.
    pub notes: Vec<String>,
}

/// Evaluates `models` on `battery`. Claims are added with [`Audit::with_claims`].
///
/// # Errors
/// If there is no model, two models have the same name, distribution and seed, or predictions do not fit the battery.
///
/// ```
/// use nodule_battery::{Battery, Model, Predictions, audit};
/// use nodule_study::{Registry, load_study};
///
/// let smoke = load_study("smoke", &Registry::default())?;
/// let battery = Battery::new(smoke, &["both".to_owned()], 1)?;
/// let sets = battery.sets_for_model("both", 0).filter(|set| set.kind.needs_scores());
/// let scores = sets.map(|set| (set.name(), (0..set.len()).map(|i| (i as f32).sin()).collect()));
/// let predictions = Predictions { scores: scores.collect(), ..Predictions::default() };
/// let model = Model { name: "sine".to_owned(), train: "both".to_owned(), seed: 0, predictions };
/// assert_eq!(audit(&battery, &[model])?.study.losses, ["sine"]);
/// # Ok::<(), nodule_study::Error>(())
/// ```
pub fn audit(battery: &Battery, models: &[Model]) -> Result<Audit, Error> {
    check_models(battery, models)?;
    let shared = battery.shared_sets_without_images();
    let maps = battery
        .set(&SetKind::Maps)
        .map(|set| battery.render(set))
        .transpose()?;
    let (mut runs, mut predictions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for model in models {
        let (run, csv) = evaluate_model::evaluate_model(battery, &shared, maps.as_ref(), model)?;
        let training = battery
            .sets_for_model(&model.train, model.seed)
            .find(|set| matches!(set.kind, SetKind::Training(..)))
            .map(|set| (set.name(), set.len()));
        notes.extend(notes::describe_model(model, &run, training));
        runs.push(run);
        predictions.push(String::from_utf8_lossy(&csv).into_owned());
    }
    let resolved = battery.resolved_study();
    Ok(Audit {
        study: describe_study(battery, models, &runs),
        battery: battery.id().to_owned(),
        tests: scored_tests(&resolved.test, &resolved.images),
        notes,
        runs,
        predictions,
    })
}

impl Audit {
    /// Returns the audit with claims about the models. `place` names the file of the claims in messages.
    ///
    /// # Errors
    /// If a claim refers to a model, test or read-out that the audit does not contain.
    pub fn with_claims(mut self, claims: Vec<Hypothesis>, place: &str) -> Result<Self, Error> {
        claims::check(&self, &claims, place)?;
        self.study.hypotheses = claims;
        Ok(self)
    }

    /// Merges several audits of one battery.
    ///
    /// # Errors
    /// If they are of different batteries, or two of them have the same model and seed.
    pub fn merge(audits: &[Self]) -> Result<Self, Error> {
        let Some((first, rest)) = audits.split_first() else {
            return Err(conflict("results", "list is empty").at("audit").into());
        };
        let mut merged = first.clone();
        for other in rest {
            if other.battery != merged.battery {
                let allowed = format!("{}, the battery of the first", merged.battery);
                let error = invalid_value("battery", &other.battery, allowed);
                return Err(error.at("audit").into());
            }
            merged.runs.extend(other.runs.iter().cloned());
            merged.predictions.extend(other.predictions.iter().cloned());
            let study = &mut merged.study;
            study.losses.extend(other.study.losses.iter().cloned());
            remove_duplicates(&mut study.losses, String::as_str);
            study.train.extend(other.study.train.iter().cloned());
            remove_duplicates(&mut study.train, ImageSet::name);
            study.seeds = study.seeds.max(other.study.seeds);
            study.read_outs.extend(&other.study.read_outs);
            study.read_outs.sort_unstable();
            study.read_outs.dedup();
            merged.notes.extend(other.notes.iter().cloned());
        }
        let records = merged.runs.iter().map(|run| &run.record);
        check_unique(records.map(|r| (r.loss.as_str(), r.train.as_str(), r.seed)))?;
        Ok(merged)
    }
}

fn check_models(battery: &Battery, models: &[Model]) -> Result<(), Error> {
    if models.is_empty() {
        let reason = "list is empty; give at least one model with its predictions";
        return Err(conflict("models", reason).at("audit").into());
    }
    check_unique(
        models
            .iter()
            .map(|m| (m.name.as_str(), m.train.as_str(), m.seed)),
    )?;
    for model in models {
        check_name(&model.name)?;
        let at_model = |e: InvalidInput| e.at(&model.name);
        ExpectedSets::new(battery, &model.train, model.seed)
            .and_then(|expected| expected.check_complete(&model.predictions))
            .map_err(at_model)?;
    }
    Ok(())
}

/// Checks that name, training distribution and seed identify a model.
fn check_unique<'a>(
    models: impl Iterator<Item = (&'a str, &'a str, usize)>,
) -> Result<(), InvalidInput> {
    let mut unique = BTreeSet::new();
    for model in models {
        let (name, train, seed) = model;
        if !unique.insert(model) {
            let reason = format!(
                "{name} trained on {train} with seed {seed} is given twice; use another name or seed"
            );
            return Err(conflict("model", reason).at("audit"));
        }
    }
    Ok(())
}

/// Removes all but the first item of each name.
fn remove_duplicates<T>(items: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    let mut names = BTreeSet::new();
    items.retain(|item| names.insert(name(item).to_owned()));
}

/// Checks that a name is short and plain enough for tables, figures and claims.
fn check_name(name: &str) -> Result<(), InvalidInput> {
    let is_plain = |c: char| c.is_alphanumeric() || "-+._ ".contains(c);
    let is_short = (1..=64).contains(&name.chars().count());
    if name.trim() == name && is_short && name.chars().all(is_plain) {
        return Ok(());
    }
    let allowed = "1 to 64 letters, digits, spaces, and - + . _";
    Err(invalid_value("name", name, allowed).at("audit"))
}

/// Returns the battery's study with the models in place of its losses.
fn describe_study(battery: &Battery, models: &[Model], runs: &[FinishedRun]) -> Study {
    let mut names: Vec<_> = models.iter().map(|m| m.name.clone()).collect();
    remove_duplicates(&mut names, String::as_str);
    let train = battery
        .train()
        .iter()
        .map(|d| d.name.as_str())
        .filter(|name| models.iter().any(|m| m.train == *name));
    let has = |read_out: &ReadOut| runs.iter().any(|run| run.read_out(*read_out).is_some());
    let study = battery.resolved_study().study_by_name();
    Study {
        description: format!(
            "External models, evaluated on the battery of the study {}.",
            study.name
        ),
        deviations: Vec::new(),
        seeds: models.iter().map(|m| m.seed + 1).max().unwrap_or(1),
        train: train.map(ImageSet::from).collect(),
        losses: names,
        read_outs: ReadOut::ALL.into_iter().filter(has).collect(),
        loss_settings: toml::Table::new(),
        network: toml::Table::new(),
        vary: None,
        crossed: None,
        hypotheses: Vec::new(),
        trends: Vec::new(),
        ..study
    }
}
