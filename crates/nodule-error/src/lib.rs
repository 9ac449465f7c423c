#![doc = include_str!("../README.md")]

mod nearest;

use std::fmt;

use nearest::nearest;

/// A value that is not allowed: where it stands, what it was, and what may stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    place: String,
    field: String,
    value: String,
    allowed: String,
}

/// `field` was `value`, and must be what `allowed` says (it follows the words "must be").
#[must_use]
pub fn refused(
    field: impl Into<String>,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Refused {
    Refused {
        place: String::new(),
        field: field.into(),
        value: value.to_string(),
        allowed: allowed.into(),
    }
}

/// "one of" these names.
#[must_use]
pub fn one_of(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|n| n.as_ref().to_owned()).collect();
    format!("one of {}", names.join(", "))
}

/// What a parser says, on one line, with Rust's names of types in words.
#[must_use]
pub fn plain_words(reason: &str) -> String {
    const WORDS: [(&str, &str); 8] = [
        ("expected usize", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected f32", "expected a number"),
        ("type: map", "type: a table"),
        ("type: sequence", "type: a list"),
        (" as i128", ""),
    ];
    let line = reason.trim_end().replace('\n', " ");
    let line = WORDS
        .iter()
        .fold(line, |text, (rust, plain)| text.replace(rust, plain));
    let meant = did_you_mean(nearest::expected(&line));
    line + &meant
}

fn did_you_mean(name: Option<String>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

impl Refused {
    /// The same, standing in that file or on that command line.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// The same, its field being one of that table.
    #[must_use]
    pub fn within(mut self, table: &str) -> Self {
        self.field = format!("{table}.{}", self.field);
        self
    }

    /// The same, with the one of `names` that was probably meant, if any is near enough.
    #[must_use]
    pub fn nearest(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let meant = nearest(&self.value, names);
        self.allowed.push_str(&did_you_mean(meant));
        self
    }

    /// The same, with the field of `names` that was probably meant, if any is near enough.
    #[must_use]
    pub fn nearest_field(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let meant = nearest(&self.field, names);
        self.allowed.push_str(&did_you_mean(meant));
        self
    }

    /// The field, with its tables.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

// By hand: what everything stands on stands on little.
impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            field,
            value,
            allowed,
        } = self;
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{field} = {}: must be {allowed}", one_line(value))
    }
}

/// A value as one line of a message can hold it: control characters are escaped, and what is longer
/// than anyone reads is cut.
fn one_line(value: &str) -> String {
    const LONGEST: usize = 200;
    let escaped = value.chars().flat_map(|c| {
        let plain = (!c.is_control()).then_some(c);
        let escaped = c.is_control().then(|| c.escape_default());
        plain.into_iter().chain(escaped.into_iter().flatten())
    });
    let text: String = escaped.take(LONGEST).collect();
    match text.chars().count() == LONGEST {
        true => format!("{text}…"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_that_ends() {
        let error = refused("name", "a\nb", "plain").to_string();
        assert_eq!(error, "name = a\\nb: must be plain");
        let long = refused("name", "x".repeat(100_000), "short").to_string();
        assert!(
            long.len() < 300 && long.ends_with("…: must be short"),
            "{long}"
        );
    }

    #[test]
    fn types_are_said_in_words() {
        assert_eq!(
            plain_words("invalid type: map, expected usize\n"),
            "invalid type: a table, expected a whole number from 0"
        );
        let unknown = "unknown field `epoch`, expected one of `epochs`, `batch_size` at line 3";
        assert_eq!(
            plain_words(unknown),
            format!("{unknown}; did you mean epochs?")
        );
        let unknown = "unknown field `x`, expected `probability`";
        assert_eq!(plain_words(unknown), unknown);
    }

    #[test]
    fn names_are_listed() {
        assert_eq!(one_of(["a", "b"]), "one of a, b");
    }
}
