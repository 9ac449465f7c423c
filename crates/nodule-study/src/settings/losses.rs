//! The losses of a study with their settings: those of `[loss.NAME]`, else those right below `[loss]`,
//! else their defaults.

use nodule_error::{InvalidInput, invalid_value, one_of};
use toml::{Table, Value};

use super::toml_text::{to_json, to_toml};
use super::{Registry, Study, StudyLoss};

/// In the study's order.
pub(super) fn losses(study: &Study, registry: &Registry) -> Result<Vec<StudyLoss>, InvalidInput> {
    let given = &study.loss_settings;
    all_are_known(given, registry)?;
    let loss = |name: &String| {
        let made = to_json(&settings(name, given, registry));
        let made = made.and_then(|settings| registry.loss(name, &settings));
        made.map_err(|e| match e.field() {
            "loss" => invalid_value("losses", name, one_of(registry.losses()))
                .suggest_value(registry.losses()),
            _ => e.in_table(&format!("loss.{name}")),
        })
    };
    study.losses.iter().map(loss).collect()
}

/// The table `[loss]` as a study keeps it: all settings of each of its losses.
pub(super) fn spelled_losses(losses: &[StudyLoss]) -> Table {
    let with_settings = losses.iter().filter(|loss| !loss.settings.is_empty());
    with_settings
        .map(|loss| (loss.name.clone(), to_toml(&loss.settings).into()))
        .collect()
}

fn settings(name: &str, given: &Table, registry: &Registry) -> Table {
    let shared = given
        .iter()
        .filter(|(setting, value)| !value.is_table() && registry.loss_has(name, setting));
    let mut all: Table = shared.map(|(k, v)| (k.clone(), v.clone())).collect();
    if let Some(Value::Table(own)) = given.get(name) {
        all.extend(own.clone());
    }
    all
}

/// A setting that no loss has, or a table of a loss that there is not, would be ignored in silence.
fn all_are_known(given: &Table, registry: &Registry) -> Result<(), InvalidInput> {
    let settings = registry.loss_settings();
    for (name, value) in given {
        let known = match value.is_table() {
            true => registry.losses().any(|loss| loss == name),
            false => settings.contains(name),
        };
        if !known {
            let losses = one_of(registry.losses());
            let one_setting = one_of(&settings);
            let allowed =
                format!("a setting of losses ({one_setting}), or {losses} with a table of its own");
            let refused = invalid_value(name, value, allowed);
            let known = settings
                .iter()
                .cloned()
                .chain(registry.losses().map(str::to_owned));
            return Err(refused.suggest_field(known).in_table("loss"));
        }
    }
    Ok(())
}
