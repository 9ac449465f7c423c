//! Files of tuning: `tune.csv` with every trial, and `tuned.toml`, the study with the best settings.

use std::collections::BTreeSet;

use toml::Value;

use super::{Trial, best_trial};
use crate::Error;
use crate::csv::csv_bytes;
use crate::file::{to_f64, training_setting_names, training_settings};
use crate::settings::{Resolved, Study, StudyLoss, TUNING_READ_OUT};

/// Columns before the settings of a trial.
const COLUMNS: [&str; 6] = [
    "loss",
    "trial",
    "chosen",
    "seeds",
    "validation_images",
    "validation_accuracy",
];
/// Returns `tune.csv`: one row per loss and trial, with all settings of the trial.
///
/// A setting is empty if the loss does not have it; the accuracy is empty if a seed diverged.
///
/// # Errors
/// [`Error::Made`] if a row cannot be written.
pub fn tune_csv(resolved: &Resolved, trials: &[Trial]) -> Result<Vec<u8>, Error> {
    let settings: BTreeSet<&String> = resolved
        .losses
        .iter()
        .flat_map(|loss| loss.settings.keys())
        .collect();
    let training = training_columns(resolved);
    let header: Vec<String> = COLUMNS
        .into_iter()
        .map(str::to_owned)
        .chain(training.iter().map(|name| format!("training.{name}")))
        .chain(settings.iter().map(|name| format!("loss.{name}")))
        .collect();
    let rows = trials.iter().map(|trial| {
        let variant = &resolved.variants[trial.number].resolved;
        let is_best = best_trial(trials, &trial.loss) == Some(trial);
        let accuracy = trial.accuracy().map(|accuracy| accuracy.to_string());
        let mut row = vec![
            trial.loss.clone(),
            trial.number.to_string(),
            usize::from(is_best).to_string(),
            variant.study.seeds.to_string(),
            trial.images.to_string(),
            accuracy.unwrap_or_default(),
        ];
        let own = training_settings(&variant.study.training.for_loss(&trial.loss));
        row.extend(training.iter().map(|name| format_number(own.get(*name))));
        let loss = variant.losses.iter().find(|loss| loss.name == trial.loss);
        row.extend(settings.iter().map(|name| loss_field(loss, name)));
        row
    });
    csv_bytes("tune", &header, rows)
}

/// Returns the training settings that are numbers, the last field of the settings first.
fn training_columns(resolved: &Resolved) -> Vec<&'static str> {
    let settings = training_settings(&resolved.study.training.all);
    let is_number = |name: &&&str| settings.get(**name).is_some_and(|v| to_f64(v).is_some());
    training_setting_names()
        .iter()
        .rev()
        .filter(is_number)
        .copied()
        .collect()
}

/// Formats a number as Rust does: `0.00001` and not `1e-5`.
fn format_number(value: Option<&Value>) -> String {
    match value {
        Some(Value::Integer(number)) => number.to_string(),
        Some(value) => to_f64(value).map_or_else(String::new, |number| number.to_string()),
        None => String::new(),
    }
}

fn loss_field(loss: Option<&StudyLoss>, name: &str) -> String {
    match loss.and_then(|loss| loss.settings.get(name)) {
        None => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// Returns `tuned.toml`: the study without `[tune]`, with the settings of each loss's best trial, and a deviation that
/// says so.
///
/// # Errors
/// [`Error::Made`] if all trials of a loss diverged, or the study cannot be written as TOML.
pub fn tuned_text(resolved: &Resolved, trials: &[Trial]) -> Result<String, Error> {
    let error = |reason: String| Error::cannot_make("tuned.toml", reason);
    let Some(tune) = &resolved.study.tune else {
        return Err(error("the study has no [tune] table".into()));
    };
    let mut study = Study {
        tune: None,
        ..resolved.study.clone()
    };
    let mut chosen = Vec::new();
    for loss in &resolved.study.losses {
        let best = best_trial(trials, loss)
            .ok_or_else(|| error(format!("every trial of {loss} diverged; see tune.csv")))?;
        let trial = &resolved.variants[best.number].resolved.study;
        if let Some(settings) = trial.training.loss.get(loss) {
            study.training.loss.insert(loss.clone(), settings.clone());
        }
        if let Some(settings) = trial.loss_settings.get(loss) {
            study.loss_settings.insert(loss.clone(), settings.clone());
        }
        chosen.push(format!("{loss} {}", best.number));
    }
    study.deviations.push(format!(
        "The settings of each loss are the best of {} random ones by the validation accuracy of its {TUNING_READ_OUT} read-out on `{}`, over {} seeds of a root that is used for nothing else; no test set was made for that. Chosen trials of tune.csv: {}.",
        tune.trials, tune.train, tune.seeds, chosen.join(", "),
    ));
    let header = "# The study with the settings that `nodule study tune` chose for each loss; tune.csv beside it has every trial.\n\n";
    toml::to_string_pretty(&study)
        .map(|body| format!("{header}{body}"))
        .map_err(|e| error(e.to_string()))
}
