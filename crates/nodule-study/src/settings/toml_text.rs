//! TOML to types, with messages that name line and field; and tables of settings from TOML to JSON and
//! back.

use nodule_config::Table;
use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use serde::de::DeserializeOwned;

use crate::Error;

/// Parses TOML into `T`; what does not fit is named by line and field.
///
/// # Errors
/// [`Error::Syntax`]; `place` names the file.
pub fn parse_toml<T: DeserializeOwned>(text: &str, place: &str) -> Result<T, Error> {
    let syntax = |reason: &str, span: Option<std::ops::Range<usize>>| {
        let line = span.map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        Error::Syntax {
            place: line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}")),
            reason: describe_parse_error(reason),
        }
    };
    let document = toml::Deserializer::parse(text).map_err(|e| syntax(e.message(), e.span()))?;
    serde_path_to_error::deserialize(document).map_err(|e| {
        let field = claim_by_id(&e.path().to_string(), text);
        let inner = e.into_inner();
        let reason = match field.as_str() {
            // The file as a whole.
            "." => inner.message().to_owned(),
            field => format!("{field}: {}", inner.message()),
        };
        syntax(&reason, inner.span())
    })
}

/// `hypothesis[0].contrast` as `hypothesis H1.contrast`: people know a claim by its id. So a trend.
fn claim_by_id(field: &str, text: &str) -> String {
    let by_id = || {
        let (list, rest) = field.split_once('[')?;
        let (index, rest) = rest.split_once(']')?;
        let document: toml::Table = toml::from_str(text).ok()?;
        let claim = document.get(list)?.get(index.parse::<usize>().ok()?)?;
        Some(format!("{list} {}{rest}", claim.get("id")?.as_str()?))
    };
    by_id().unwrap_or_else(|| field.to_owned())
}

/// Settings as losses and networks take them.
///
/// # Errors
/// For a number that JSON, and no setting, can hold: one that is not finite.
pub(crate) fn to_json(table: &toml::Table) -> Result<Table, InvalidInput> {
    for (name, value) in table {
        if let Some(number) = not_finite(value) {
            return Err(invalid_value(name, number, "a finite number"));
        }
    }
    match serde_json::to_value(table) {
        Ok(serde_json::Value::Object(table)) => Ok(table),
        // TOML knows nothing else that JSON does not, but for dates: those become tables, which no
        // setting is.
        _ => Ok(Table::new()),
    }
}

fn not_finite(value: &toml::Value) -> Option<f64> {
    match value {
        toml::Value::Float(number) => (!number.is_finite()).then_some(*number),
        toml::Value::Array(all) => all.iter().find_map(not_finite),
        toml::Value::Table(all) => all.values().find_map(not_finite),
        _ => None,
    }
}

/// Settings as a study file spells them; what is null is left out, as a file leaves it.
pub(crate) fn to_toml(table: &Table) -> toml::Table {
    let known = table.iter().filter(|(_, value)| !value.is_null());
    known
        .filter_map(|(name, value)| Some((name.clone(), toml::Value::try_from(value).ok()?)))
        .collect()
}
