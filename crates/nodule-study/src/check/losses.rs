//! Losses of a study with their settings: those of `[loss.NAME]`, else those of `[loss]`, else the defaults.

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use toml::{Table, Value};

use crate::file::{Study, to_json, to_toml};
use crate::resolved::{PROJECTION, Registry, StudyLoss, StudyNetwork};

/// Returns the losses with their settings, in the study's order.
///
/// # Errors
/// For an unknown loss, an invalid setting, or a setting without effect.
pub(super) fn resolve_losses(
    study: &Study,
    registry: &Registry,
) -> Result<Vec<StudyLoss>, InvalidInput> {
    let resolve = |name: &String| {
        to_json(&merge_settings(name, &study.loss_settings, registry))
            .and_then(|settings| registry.loss(name, &settings))
            .map_err(|e| match e.field() {
                "loss" => invalid_value("losses", name, one_of(registry.losses()))
                    .suggest_value(registry.losses()),
                _ => e.in_table(&format!("loss.{name}")),
            })
    };
    let losses = study.losses.iter().map(resolve).collect::<Result<_, _>>()?;
    check_effect(study, registry)?;
    Ok(losses)
}

/// Returns the table `[loss]` with all settings of each loss.
pub(super) fn loss_tables(losses: &[StudyLoss]) -> Table {
    losses
        .iter()
        .filter(|loss| !loss.settings.is_empty())
        .map(|loss| (loss.name.clone(), to_toml(&loss.settings).into()))
        .collect()
}

/// Checks the names of the tables `[training.loss.NAME]`, and removes empty ones.
///
/// # Errors
/// For a loss that the study does not train.
pub(super) fn check_training_tables(
    study: &mut Study,
    registry: &Registry,
) -> Result<(), InvalidInput> {
    let tables = &mut study.training.loss;
    for name in tables.keys() {
        check_trained("training.loss", name, &study.losses, registry)?;
    }
    tables.retain(|_, own| !own.is_empty());
    Ok(())
}

/// Checks that the projection head has an effect.
pub(super) fn check_projection(
    network: &StudyNetwork,
    losses: &[StudyLoss],
) -> Result<(), InvalidInput> {
    if network.projection == 0 || losses.iter().any(|loss| loss.uses_embedding) {
        return Ok(());
    }
    let names: Vec<_> = losses.iter().map(|loss| loss.name.as_str()).collect();
    let reason = format!(
        "has no effect: none of the study's losses ({}) uses the embedding; remove it",
        names.join(", ")
    );
    Err(conflict(format!("network.{PROJECTION}"), reason))
}

/// Returns the settings that the study gives to one loss.
fn merge_settings(name: &str, tables: &Table, registry: &Registry) -> Table {
    let mut settings: Table = tables
        .iter()
        .filter(|(setting, value)| !value.is_table() && registry.loss_has(name, setting))
        .map(|(setting, value)| (setting.clone(), value.clone()))
        .collect();
    if let Some(Value::Table(own)) = tables.get(name) {
        settings.extend(own.clone());
    }
    settings
}

/// Checks that every setting and table in `[loss]` has an effect on a loss of the study.
fn check_effect(study: &Study, registry: &Registry) -> Result<(), InvalidInput> {
    let is_used = |setting: &str| {
        let mut losses = study.losses.iter();
        losses.any(|loss| registry.loss_has(loss, setting))
    };
    for (name, value) in &study.loss_settings {
        if value.is_table() {
            check_trained("loss", name, &study.losses, registry)?;
        } else if !registry.loss_settings().contains(name) {
            let settings = registry.loss_settings();
            let allowed = format!(
                "{}, the settings of losses, or a table [loss.NAME]",
                one_of(&settings)
            );
            let names: BTreeSet<String> = registry.losses().map(str::to_owned).collect();
            let error = invalid_value(name, value, allowed);
            return Err(error.suggest_field(settings.union(&names)).in_table("loss"));
        } else if !is_used(name) {
            let reason = format!(
                "has no effect: none of the study's losses ({}) has this setting; remove it",
                study.losses.join(", ")
            );
            return Err(conflict(format!("loss.{name}"), reason));
        }
    }
    Ok(())
}

/// Checks that the table `[table.name]` belongs to a loss that the study trains.
fn check_trained(
    table: &str,
    name: &str,
    losses: &[String],
    registry: &Registry,
) -> Result<(), InvalidInput> {
    if losses.iter().any(|loss| loss == name) {
        return Ok(());
    }
    match registry.losses().any(|loss| loss == name) {
        true => {
            let reason = format!(
                "has no effect: the study does not train {name}; remove the table or add {name} to losses"
            );
            Err(conflict(format!("[{table}.{name}]"), reason))
        }
        false => {
            let reason = format!("unknown loss; known are {}", join(registry.losses()));
            let error = conflict(name, reason).suggest_field(registry.losses());
            Err(error.in_table(table))
        }
    }
}

fn join(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
