//! Parsing of TOML with messages that name line and field, and conversion of settings between TOML and JSON.

use std::ops::Range;

use nodule_config::Table;
use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use serde::de::DeserializeOwned;
use toml::Value;

use crate::Error;

/// Parses TOML into `T`. `place` names the file in messages.
///
/// # Errors
/// [`Error::Syntax`], with line and field.
pub fn parse_toml<T: DeserializeOwned>(text: &str, place: &str) -> Result<T, Error> {
    let error = |reason: &str, span: Option<Range<usize>>| {
        let line = span.map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        Error::Syntax {
            place: line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}")),
            reason: describe_parse_error(reason),
        }
    };
    let document = toml::Deserializer::parse(text).map_err(|e| error(e.message(), e.span()))?;
    serde_path_to_error::deserialize(document).map_err(|e| {
        let field = name_claim(&e.path().to_string(), text);
        let inner = e.into_inner();
        let reason = match field.as_str() {
            // The file as a whole.
            "." => inner.message().to_owned(),
            field => format!("{field}: {}", inner.message()),
        };
        error(&reason, inner.span())
    })
}

/// Returns `hypothesis H1.contrast` for `hypothesis[0].contrast`, since users know claims and trends by their ids.
fn name_claim(field: &str, text: &str) -> String {
    let with_id = || {
        let (list, rest) = field.split_once('[')?;
        let (index, rest) = rest.split_once(']')?;
        let document: toml::Table = toml::from_str(text).ok()?;
        let claim = document.get(list)?.get(index.parse::<usize>().ok()?)?;
        Some(format!("{list} {}{rest}", claim.get("id")?.as_str()?))
    };
    with_id().unwrap_or_else(|| field.to_owned())
}

/// Returns the settings of a loss or network as JSON.
///
/// # Errors
/// For a number that is not finite.
pub(crate) fn to_json(table: &toml::Table) -> Result<Table, InvalidInput> {
    for (name, value) in table {
        if let Some(number) = find_not_finite(value) {
            return Err(invalid_value(name, number, "a finite number"));
        }
    }
    match serde_json::to_value(table) {
        Ok(serde_json::Value::Object(table)) => Ok(table),
        // JSON has all other types of TOML but dates, which become tables that no setting accepts.
        _ => Ok(Table::new()),
    }
}

fn find_not_finite(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => (!number.is_finite()).then_some(*number),
        Value::Array(values) => values.iter().find_map(find_not_finite),
        Value::Table(table) => table.values().find_map(find_not_finite),
        _ => None,
    }
}

/// Returns settings as TOML. Null settings are omitted.
pub(crate) fn to_toml(table: &Table) -> toml::Table {
    table
        .iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, value)| Some((name.clone(), Value::try_from(value).ok()?)))
        .collect()
}

/// Returns a TOML integer or float as `f64`.
#[must_use]
pub fn to_f64(value: &Value) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|n| n as f64))
}
