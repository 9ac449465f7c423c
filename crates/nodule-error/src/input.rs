//! Invalid input: a bad value, or values that conflict or are missing.

use std::fmt;

use crate::suggest::{nearest_expected, nearest_name};

/// Invalid user input: its place (file or command line), and what is wrong with it.
///
/// Displays as one line, either `place: field = value: must be allowed` or `place: subject: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidInput {
    place: String,
    field: String,
    /// Boxed, so that errors that hold this one stay small.
    fault: Box<Fault>,
    suggestion: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    /// One value that is not allowed.
    Value { value: String, allowed: String },
    /// Values that do not fit together, or one that is missing or has no effect.
    Conflict { reason: String },
}

/// Returns the error for a single bad value: `field = value: must be allowed`.
///
/// `allowed` follows the words "must be", as in `a positive number`.
#[must_use]
pub fn invalid_value(
    field: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> InvalidInput {
    let (value, allowed) = (value.to_string(), allowed.into());
    InvalidInput {
        place: String::new(),
        field: field.into(),
        fault: Box::new(Fault::Value { value, allowed }),
        suggestion: None,
    }
}

/// Returns the error for settings that conflict, are missing or have no effect: `subject: reason`.
///
/// `reason` says what is wrong and what to do, as in `loss contrastive has no head; add centroid, probe or knn`.
#[must_use]
pub fn conflict(subject: impl Into<String>, reason: impl Into<String>) -> InvalidInput {
    let reason = reason.into();
    InvalidInput {
        place: String::new(),
        field: subject.into(),
        fault: Box::new(Fault::Conflict { reason }),
        suggestion: None,
    }
}

/// Returns `one of a, b, c`, for the `allowed` part of [`invalid_value`].
#[must_use]
pub fn one_of(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|n| n.as_ref().to_owned()).collect();
    format!("one of {}", names.join(", "))
}

/// Returns a parser's message on one line, with plain words for Rust's type names and a suggestion for a misspelt name.
#[must_use]
pub fn describe_parse_error(message: &str) -> String {
    const PLAIN_WORDS: [(&str, &str); 8] = [
        ("expected usize", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected f32", "expected a number"),
        ("type: map", "type: a table"),
        ("type: sequence", "type: a list"),
        (" as i128", ""),
    ];
    let line = message.trim_end().replace('\n', " ");
    let line = PLAIN_WORDS
        .iter()
        .fold(line, |text, (rust, plain)| text.replace(rust, plain));
    let suggestion = format_suggestion(nearest_expected(&line).as_ref());
    line + &suggestion
}

fn format_suggestion(name: Option<&String>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

impl InvalidInput {
    /// Returns the error with the file or command line that holds the value, replacing any earlier one.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Returns the error with the file or command line that holds the value, unless it has one.
    #[must_use]
    pub fn or_at(self, place: impl Into<String>) -> Self {
        match self.place.is_empty() {
            true => self.at(place),
            false => self,
        }
    }

    /// Returns the error with `section: ` in front of the field, for a part of the file that changes other fields.
    #[must_use]
    pub fn in_section(mut self, section: &str) -> Self {
        self.field = format!("{section}: {}", self.field);
        self
    }

    /// Returns the error with `table.` in front of the field.
    #[must_use]
    pub fn in_table(mut self, table: &str) -> Self {
        self.field = format!("{table}.{}", self.field);
        self
    }

    /// Returns the error with the one of `names` that is nearest to the bad value, if one is near enough.
    #[must_use]
    pub fn suggest_value(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        if let Fault::Value { value, .. } = &*self.fault {
            self.suggestion = nearest_name(value, names);
        }
        self
    }

    /// Returns the error with the one of `names` that is nearest to the field, if one is near enough.
    #[must_use]
    pub fn suggest_field(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.suggestion = nearest_name(&self.field, names);
        self
    }

    /// The field or subject, with its tables.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

// Implemented without thiserror, so that the crate every other crate depends on stays small.
impl std::error::Error for InvalidInput {}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        let field = &self.field;
        match &*self.fault {
            Fault::Value { value, allowed } => {
                write!(f, "{field} = {}: must be {allowed}", escape_value(value))?;
            }
            Fault::Conflict { reason } => write!(f, "{field}: {reason}")?,
        }
        f.write_str(&format_suggestion(self.suggestion.as_ref()))
    }
}

/// Returns the value on one line: control characters are escaped, and more than 200 characters are cut.
fn escape_value(value: &str) -> String {
    const MAX_LENGTH: usize = 200;
    let escaped = value.chars().flat_map(|c| {
        let plain = (!c.is_control()).then_some(c);
        let escaped = c.is_control().then(|| c.escape_default());
        plain.into_iter().chain(escaped.into_iter().flatten())
    });
    let text: String = escaped.take(MAX_LENGTH).collect();
    match text.chars().count() == MAX_LENGTH {
        true => format!("{text}…"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_take_one_line() {
        let names = ["shape", "texture"];
        for (error, expected) in [
            (
                invalid_value("name", "a\nb", "plain"),
                "name = a\\nb: must be plain",
            ),
            (
                conflict("read_outs", "loss contrastive has no head; add centroid")
                    .in_table("study")
                    .at("a.toml"),
                "a.toml: study.read_outs: loss contrastive has no head; add centroid",
            ),
            // The first place is kept.
            (
                invalid_value("epochs", 0, "at least 1")
                    .in_table("training")
                    .in_section("[vary]")
                    .or_at("a.toml")
                    .or_at("b.toml"),
                "a.toml: [vary]: training.epochs = 0: must be at least 1",
            ),
            (
                invalid_value("mode", "shap", one_of(names)).suggest_value(names),
                "mode = shap: must be one of shape, texture; did you mean shape?",
            ),
            (
                conflict("txture", "unknown distribution").suggest_field(names),
                "txture: unknown distribution; did you mean texture?",
            ),
        ] {
            assert_eq!(error.to_string(), expected);
        }
        let long = invalid_value("name", "x".repeat(100_000), "short").to_string();
        assert!(long.len() < 300, "{long}");
        assert!(long.ends_with("…: must be short"), "{long}");
    }

    #[test]
    fn parser_messages_use_plain_type_names() {
        let unknown = "unknown field `epoch`, expected one of `epochs`, `batch_size` at line 3";
        for (message, expected) in [
            (
                "invalid type: map, expected usize\n",
                "invalid type: a table, expected a whole number from 0",
            ),
            (unknown, &format!("{unknown}; did you mean epochs?")),
            (
                "unknown field `x`, expected `probability`",
                "unknown field `x`, expected `probability`",
            ),
        ] {
            assert_eq!(describe_parse_error(message), expected);
        }
    }
}
