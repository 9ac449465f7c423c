//! From answers to records: the same that a run of ours leaves, so that the same report can be made of them.

mod claims;
mod measured;
mod models;
mod records;

use std::collections::BTreeSet;

use nodule_error::invalid_value;
use nodule_eval::ReadOut;
use nodule_study::claims::Hypothesis;
use nodule_study::records::FinishedRun;
use nodule_study::settings::ImageSet;
use nodule_study::{Error, Study};

use crate::{Answers, Battery, Wanted};

pub use claims::claims_of;
pub use models::{ModelTable, models_of};
pub use records::write_records;

/// A model that somebody trained, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What tables call it; the same for all of its seeds.
    pub name: String,
    /// The training distribution, among the battery's: its validation images give the unit of all effects.
    pub train: String,
    /// The seed's number, from 0: models of one seed are compared in pairs.
    pub seed: usize,
    /// What it says of the battery.
    pub answers: Answers,
}

/// Everything that was measured on some models, as a report takes it.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The study that the models would be the runs of: its losses are their names.
    pub study: Study,
    /// The battery's id.
    pub battery: String,
    /// One a model and seed.
    pub runs: Vec<FinishedRun>,
    /// `predictions.csv` of each.
    pub predictions: Vec<Vec<u8>>,
    /// What is to be said of the models before any number, a sentence each.
    pub notes: Vec<String>,
}

/// Measures `models` on `battery`. Nothing is judged before claims are given by [`Audit::with_claims`].
///
/// # Errors
/// [`Error::Setting`] if there is no model, two are the same, or answers do not fit the battery.
pub fn audit(battery: &Battery, models: &[Model]) -> Result<Audit, Error> {
    if models.is_empty() {
        let refused = invalid_value("models", "none", "at least one model with its answers");
        return Err(refused.at("audit").into());
    }
    let mut seen = BTreeSet::new();
    for model in models {
        check_name(&model.name)?;
        if !seen.insert((&model.name, &model.train, model.seed)) {
            let what = format!("{}, seed {}", model.name, model.seed);
            let refused = invalid_value("model", what, "given once for each training distribution");
            return Err(refused.at("audit").into());
        }
        let of_model = |e: nodule_error::InvalidInput| e.at(&model.name);
        let wanted = Wanted::new(battery, &model.train, model.seed).map_err(of_model)?;
        wanted.whole(&model.answers).map_err(of_model)?;
    }
    let shared = battery.shared();
    let maps = battery.set(&crate::SetKind::Maps);
    let maps = maps.map(|set| battery.rendered(set)).transpose()?;
    let (mut runs, mut predictions) = (Vec::new(), Vec::new());
    for model in models {
        let (run, predicted) = measured::measured(battery, &shared, maps.as_ref(), model)?;
        runs.push(run);
        predictions.push(predicted);
    }
    Ok(Audit {
        study: study(battery, models, &runs),
        battery: battery.id().to_owned(),
        notes: notes(&runs),
        runs,
        predictions,
    })
}

impl Audit {
    /// The same with claims about the models.
    ///
    /// # Errors
    /// [`Error::Setting`] for a claim about something else; `place` names their file in messages.
    pub fn with_claims(mut self, claims: Vec<Hypothesis>, place: &str) -> Result<Self, Error> {
        claims::check(&self, &claims, place)?;
        self.study.hypotheses = claims;
        Ok(self)
    }

    /// Several audits of one battery as one.
    ///
    /// # Errors
    /// [`Error::Setting`] if they are of different batteries, or two of them have the same model and seed.
    pub fn together(all: &[Self]) -> Result<Self, Error> {
        let Some((first, rest)) = all.split_first() else {
            return Err(invalid_value("results", "none", "at least one")
                .at("audit")
                .into());
        };
        let mut whole = first.clone();
        for other in rest {
            if other.battery != whole.battery {
                let allowed = format!("{}, the battery of the first", whole.battery);
                return Err(invalid_value("battery", &other.battery, allowed)
                    .at("audit")
                    .into());
            }
            whole.runs.extend(other.runs.iter().cloned());
            whole.predictions.extend(other.predictions.iter().cloned());
            let own = &mut whole.study;
            own.losses.extend(other.study.losses.iter().cloned());
            once(&mut own.losses, String::as_str);
            own.train.extend(other.study.train.iter().cloned());
            once(&mut own.train, ImageSet::name);
            own.seeds = own.seeds.max(other.study.seeds);
            own.read_outs.extend(&other.study.read_outs);
            own.read_outs.sort_unstable();
            own.read_outs.dedup();
        }
        let mut seen = BTreeSet::new();
        for run in &whole.runs {
            let record = &run.record;
            if !seen.insert((&record.loss, &record.train, record.seed)) {
                let what = format!("{}, seed {}", record.loss, record.seed);
                let refused = invalid_value(
                    "model",
                    what,
                    "given once: call one of them by another name, or give it another seed",
                );
                return Err(refused.at("audit").into());
            }
        }
        whole.notes = notes(&whole.runs);
        Ok(whole)
    }
}

/// Each name where it stands first.
fn once<T>(all: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(name(one).to_owned()));
}

/// Tables, figures and claims call a model by its name.
fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_alphanumeric() || "-+._ ".contains(c);
    if name.trim() == name && (1..=64).contains(&name.chars().count()) && name.chars().all(plain) {
        return Ok(());
    }
    let allowed = "1 to 64 letters, digits, spaces, and - + . _";
    Err(invalid_value("name", name, allowed).at("audit").into())
}

/// The battery's study as if its losses were the models.
fn study(battery: &Battery, models: &[Model], runs: &[FinishedRun]) -> Study {
    let mut losses: Vec<_> = models.iter().map(|m| m.name.clone()).collect();
    once(&mut losses, String::as_str);
    let trains = battery.train().iter().map(|d| d.name.as_str());
    let trains = trains.filter(|name| models.iter().any(|m| m.train == *name));
    let has = |read_out: &ReadOut| runs.iter().any(|run| run.read_out(*read_out).is_some());
    let of_battery = battery.resolved().named();
    Study {
        description: format!(
            "Models that were trained elsewhere, asked by the battery of the study {}. They stand where a study has its losses.",
            of_battery.name
        ),
        deviations: Vec::new(),
        seeds: models.iter().map(|m| m.seed + 1).max().unwrap_or(1),
        train: trains.map(ImageSet::from).collect(),
        losses,
        read_outs: ReadOut::ALL.into_iter().filter(has).collect(),
        loss_settings: toml::Table::new(),
        network: toml::Table::new(),
        vary: None,
        crossed: None,
        hypotheses: Vec::new(),
        trends: Vec::new(),
        ..of_battery
    }
}

/// Models that answer all the same are controls: what the measures say of them is what they say of nothing.
fn notes(runs: &[FinishedRun]) -> Vec<String> {
    let constant = |run: &&FinishedRun| {
        let mut all = run.evaluation.read_outs.iter();
        all.any(|measured| measured.score_sd.is_constant())
    };
    let named = runs.iter().filter(constant);
    let named: Vec<_> = named
        .map(|run| format!("{} (seed {})", run.record.loss, run.record.seed))
        .collect();
    match named.is_empty() {
        true => Vec::new(),
        false => vec![format!(
            "A control, since it answers the same for every validation image: {}.",
            named.join(", ")
        )],
    }
}
