//! Parsing of TOML with messages that name line and field, and conversion of settings between TOML and JSON.

use std::ops::Range;

use nodule_config::Table;
use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use toml::Value;

use crate::Error;

/// Error of the parser with its place in the document.
type PathError = serde_path_to_error::Error<toml::de::Error>;

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
        let message = name_missing_fields::<T>(text, &e);
        let inner = e.into_inner();
        let reason = match field.as_str() {
            // The file as a whole.
            "." => message,
            field => format!("{field}: {message}"),
        };
        error(&reason, inner.span())
    })
}

/// Returns the message of an error; for a missing field, it names all missing fields of the table.
///
/// The parser stops at the first one, so each is filled with a value of a type that it accepts before the next attempt.
fn name_missing_fields<T: DeserializeOwned>(text: &str, first: &PathError) -> String {
    let message = first.inner().message().to_owned();
    let (Some(name), Ok(mut document)) = (missing_field(&message), toml::from_str::<Value>(text))
    else {
        return message;
    };
    let mut names = vec![name.to_owned()];
    loop {
        let name = names[names.len() - 1].clone();
        let place = format!("{}{name}", table_prefix(first.path()));
        let samples = [
            Value::from("x"),
            Value::from(1),
            Value::from(0.5),
            Value::Array(Vec::new()),
            Value::Table(toml::Table::new()),
        ];
        let next = samples.into_iter().find_map(|sample| {
            let table = find_table(&mut document, first.path())?;
            table.insert(name.clone(), sample);
            let error = serde_path_to_error::deserialize::<_, T>(document.clone()).err();
            // A value of the wrong type is an error at its own place.
            let accepts = |e: &PathError| !e.path().to_string().starts_with(&place);
            error.as_ref().is_none_or(accepts).then_some(error)
        });
        let next = next.flatten();
        let missing = next
            .as_ref()
            .filter(|error| error.path().to_string() == first.path().to_string())
            .and_then(|error| missing_field(error.inner().message()));
        match missing {
            Some(name) if !names.iter().any(|known| known == name) => names.push(name.to_owned()),
            _ => break,
        }
    }
    match names.as_slice() {
        [_] => message,
        names => format!("missing fields `{}`", names.join("`, `")),
    }
}

/// Returns the name in "missing field `name`".
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// Returns the path of a table as a prefix of its fields.
fn table_prefix(path: &Path) -> String {
    match path.iter().next() {
        None => String::new(),
        Some(_) => format!("{path}."),
    }
}

/// Returns the table at that path.
fn find_table<'a>(document: &'a mut Value, path: &Path) -> Option<&'a mut toml::Table> {
    let mut value = document;
    for segment in path {
        value = match segment {
            Segment::Map { key } => value.get_mut(key)?,
            Segment::Seq { index } => value.get_mut(*index)?,
            Segment::Enum { .. } | Segment::Unknown => return None,
        };
    }
    value.as_table_mut()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Study;

    #[test]
    fn all_missing_fields_of_a_table_are_named_at_once() {
        let error = |text: &str| {
            parse_toml::<Study>(text, "own.toml")
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error("description = \"x\""),
            "own.toml:1: missing fields `name`, `seeds`, `train`, `test`, `losses`"
        );
        let study =
            "name = \"a\"\nseeds = 1\ntrain = [\"both\"]\ntest = [\"both\"]\nlosses = [\"ce\"]\n";
        assert!(parse_toml::<Study>(study, "own.toml").is_ok());
        let tune = format!("{study}[tune]\nseeds = 1\n");
        assert!(
            error(&tune).ends_with("tune: missing fields `trials`, `train`, `range`"),
            "{}",
            error(&tune)
        );
        let claim = format!("{study}[[hypothesis]]\nid = \"H1\"\nclaim = \"x\"\n");
        assert!(
            error(&claim).contains("hypothesis H1: missing fields `"),
            "{}",
            error(&claim)
        );
        let images = study.replace("[\"both\"]\ntest", "[{ name = \"x\" }]\ntest");
        assert!(error(&images).ends_with("train[0]: missing field `images`"));
    }

    #[test]
    fn fields_with_a_default_can_be_left_out() {
        let study =
            "name = \"a\"\nseeds = 1\ntrain = [\"both\"]\ntest = [\"both\"]\nlosses = [\"ce\"]\n";
        let study: Study = parse_toml(
            &format!("{study}[samples]\nmaps = 3\n[held_out]\nfolds = 5\n"),
            "own.toml",
        )
        .unwrap();
        assert_eq!((study.samples.maps, study.samples.train), (3, 4096));
        assert_eq!((study.fold().folds, study.fold().fold), (5, 0));
        assert_eq!(study.training.all.batch_size, 16);
    }
}
