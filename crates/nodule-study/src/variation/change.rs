//! Changes of a study's settings by their names in the study file.

use nodule_error::{InvalidInput, conflict, describe_parse_error};
use serde::Deserialize;
use toml::{Table, Value};

use crate::file::{Study, training_setting_names};
use crate::resolved::{DROPOUT, PROJECTION};

/// Tables whose settings can be changed.
const TABLES: [&str; 6] = [
    "samples",
    "training",
    "loss",
    "network",
    "generator",
    "held_out",
];

/// A setting by its name in the study file, such as `loss.margin`, and its new value.
pub(super) type Change = (String, Value);

/// Returns the study with each change, as if its file had the new values. `list` is the table of the changes, for messages.
pub(super) fn apply_changes(
    study: &Study,
    changes: &[Change],
    list: &str,
) -> Result<Study, InvalidInput> {
    let error = |(key, value): &Change, reason: String| {
        conflict(format!("{list}.\"{key}\" = {value}"), reason)
    };
    let Some(last) = changes.last() else {
        return Ok(study.clone());
    };
    let mut document = Table::try_from(study).map_err(|e| error(last, e.to_string()))?;
    for change in changes {
        let (key, value) = change;
        if key == "network.image_size" {
            let reason = "the network follows generator.image_size; change that instead";
            return Err(error(change, reason.into()));
        }
        if key.starts_with("held_out.") && key != "held_out.fold" && !study.fold().groups.is_empty()
        {
            let reason = "folds are assigned to the groups of training images once per study; vary held_out.fold, or use one study per number of folds";
            return Err(error(change, reason.into()));
        }
        if !apply_change(&mut document, key, value, &study.losses) {
            let reason = format!(
                "unknown setting; settings of {} can be changed",
                TABLES.join(", ")
            );
            return Err(error(change, reason));
        }
    }
    Study::deserialize(document).map_err(|e| error(last, describe_parse_error(e.message())))
}

/// Sets `key` in the document and returns whether the setting exists.
fn apply_change(document: &mut Table, key: &str, value: &Value, losses: &[String]) -> bool {
    let Some((table, name)) = key.split_once('.').filter(|(t, _)| TABLES.contains(t)) else {
        return false;
    };
    let Some(settings) = document.get_mut(table).and_then(Value::as_table_mut) else {
        return false;
    };
    let exists = match table {
        "loss" => set_loss(settings, name, value),
        "training" => set_training(settings, name, value, losses),
        // Written only if they have an effect.
        "network" if [PROJECTION, DROPOUT].contains(&name) => {
            settings.insert(name.to_owned(), value.clone());
            true
        }
        _ => set_existing(settings, name, value),
    };
    if key == "generator.image_size" {
        // The network's size is filled in again when the changed study is checked.
        if let Some(network) = document.get_mut("network").and_then(Value::as_table_mut) {
            network.remove("image_size");
        }
    }
    exists
}

/// Sets `name` if the table has it. Returns whether it does.
fn set_existing(table: &mut Table, name: &str, value: &Value) -> bool {
    match table.get_mut(name) {
        Some(setting) => {
            *setting = value.clone();
            true
        }
        None => false,
    }
}

/// Sets `NAME.setting` of one loss, or `setting` of every loss that has it.
fn set_loss(losses: &mut Table, name: &str, value: &Value) -> bool {
    match name.split_once('.') {
        Some((loss, name)) => losses
            .get_mut(loss)
            .and_then(Value::as_table_mut)
            .is_some_and(|own| set_existing(own, name, value)),
        None => losses
            .iter_mut()
            .filter_map(|(_, own)| own.as_table_mut())
            .fold(false, |exists, own| set_existing(own, name, value) | exists),
    }
}

/// Sets `loss.NAME.setting` of one of the study's losses, or `setting` of all.
fn set_training(training: &mut Table, name: &str, value: &Value, losses: &[String]) -> bool {
    if let Some((loss, name)) = name
        .strip_prefix("loss.")
        .and_then(|own| own.split_once('.'))
    {
        let is_known = losses.iter().any(|other| other == loss);
        if !is_known || !training_setting_names().contains(&name) {
            return false;
        }
        let own = ["loss", loss].iter().try_fold(training, |table, key| {
            let table = table.entry(*key).or_insert_with(|| Table::new().into());
            table.as_table_mut()
        });
        return own.is_some_and(|own| {
            own.insert(name.to_owned(), value.clone());
            true
        });
    }
    // A value for all losses replaces those of single losses.
    if let Some(Value::Table(own)) = training.get_mut("loss") {
        for own in own.iter_mut().filter_map(|(_, own)| own.as_table_mut()) {
            set_existing(own, name, value);
        }
    }
    if let Some((table, name)) = name.split_once('.') {
        let table = training.get_mut(table).and_then(Value::as_table_mut);
        return table.is_some_and(|table| {
            table.insert(name.to_owned(), value.clone());
            true
        });
    }
    let is_known = training_setting_names().contains(&name);
    if is_known {
        training.insert(name.to_owned(), value.clone());
    }
    is_known
}
