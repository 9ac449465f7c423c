//! `tune.csv`, every trial; and `tuned.toml`, the study with what was chosen.

use std::collections::BTreeSet;

use super::{Tried, best};
use crate::Error;
use crate::settings::{Budgets, Resolved, Study, StudyLoss, TUNED_BY};

/// What stands before the settings of a trial.
const COLUMNS: [&str; 6] = [
    "loss",
    "trial",
    "chosen",
    "seeds",
    "validation_images",
    "validation_accuracy",
];
/// Those of training, by which the settings begin.
const TRAINING: [&str; 3] = ["learning_rate", "batch_size", "epochs"];

/// `tune.csv`: one line a loss and trial with all of its settings, empty where the loss has none of that name;
/// the accuracy is empty where a seed of it diverged.
///
/// # Errors
/// [`Error::Made`] if a line cannot be written.
pub fn tune_csv(resolved: &Resolved, tried: &[Tried]) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::made("tune.csv", e);
    let settings = resolved.losses.iter().flat_map(|l| l.settings.keys());
    let settings: BTreeSet<&String> = settings.collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    let header = COLUMNS.into_iter().map(str::to_owned);
    let header = header
        .chain(TRAINING.map(|name| format!("training.{name}")))
        .chain(settings.iter().map(|name| format!("loss.{name}")));
    out.write_record(header)
        .map_err(|e| failed(e.to_string()))?;
    for one in tried {
        let trial = &resolved.variants[one.trial].resolved;
        let is_chosen = best(tried, &one.loss) == Some(one);
        let accuracy = one.accuracy().map(|a| a.to_string());
        let [learning_rate, batch_size, epochs] = trained(&trial.study.training, &one.loss);
        let mut row = vec![
            one.loss.clone(),
            one.trial.to_string(),
            usize::from(is_chosen).to_string(),
            trial.study.seeds.to_string(),
            one.images.to_string(),
            accuracy.unwrap_or_default(),
            learning_rate,
            batch_size,
            epochs,
        ];
        let loss = trial.losses.iter().find(|loss| loss.name == one.loss);
        row.extend(settings.iter().map(|name| setting(loss, name)));
        out.write_record(row).map_err(|e| failed(e.to_string()))?;
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}

fn trained(budgets: &Budgets, loss: &str) -> [String; 3] {
    let budget = budgets.of(loss);
    [
        budget.learning_rate.to_string(),
        budget.batch_size.to_string(),
        budget.epochs.to_string(),
    ]
}

fn setting(loss: Option<&StudyLoss>, name: &str) -> String {
    match loss.and_then(|loss| loss.settings.get(name)) {
        None => String::new(),
        Some(serde_json::Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
    }
}

/// `tuned.toml`: the study of `resolved` without `[tune]`, each loss with the settings of its best trial, and a
/// sentence among the deviations that says so.
///
/// # Errors
/// [`Error::Made`] if every trial of a loss diverged, or TOML cannot hold it.
pub fn tuned_text(resolved: &Resolved, tried: &[Tried]) -> Result<String, Error> {
    let failed = |reason: String| Error::made("tuned.toml", reason);
    let mut study = Study {
        tune: None,
        ..resolved.study.clone()
    };
    let mut chosen = Vec::new();
    for loss in &resolved.study.losses {
        let best = best(tried, loss)
            .ok_or_else(|| failed(format!("every trial of {loss} diverged; see tune.csv")))?;
        let of_trial = &resolved.variants[best.trial].resolved.study;
        let budget = of_trial.training.loss.get(loss);
        study
            .training
            .loss
            .extend(budget.map(|own| (loss.clone(), *own)));
        let settings = of_trial.loss_settings.get(loss);
        let settings = settings.map(|own| (loss.clone(), own.clone()));
        study.loss_settings.extend(settings);
        chosen.push(format!("{loss} {}", best.trial));
    }
    let Some(tune) = &resolved.study.tune else {
        return Err(failed("the study has no [tune]".into()));
    };
    study.deviations.push(format!(
        "The settings of each loss are the best of {} random ones by the validation accuracy of its {TUNED_BY} read-out on `{}`, over {} seeds of a root that is used for nothing else; no test set was made for that. Chosen trials of tune.csv: {}.",
        tune.trials, tune.train, tune.seeds, chosen.join(", "),
    ));
    let header = "# The study with the settings that `nodule study tune` chose for each loss; tune.csv beside it has every trial.\n\n";
    toml::to_string_pretty(&study)
        .map(|body| format!("{header}{body}"))
        .map_err(|e| failed(e.to_string()))
}
