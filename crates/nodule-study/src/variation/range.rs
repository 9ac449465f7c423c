//! Ranges of tuned settings, and random draws from them.

use nodule_error::describe_parse_error;
use nodule_seed::stream;
use serde::Deserialize;
use toml::Value;

use crate::file::to_f64;

/// Values that a tuned setting can take.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Range {
    /// One of these, with equal probability.
    List(Vec<Value>),
    /// A number in an interval.
    Interval {
        /// Ends and scale.
        interval: Interval,
        /// Whether the setting is an integer.
        is_integer: bool,
    },
}

/// Interval `{ from, to, scale }`; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Interval {
    from: f64,
    to: f64,
    #[serde(default)]
    scale: Scale,
}

/// Scale on which numbers of an interval are distributed uniformly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scale {
    #[default]
    Linear,
    Log,
}

impl Range {
    /// Parses the range of a setting whose value in the study is `current`.
    ///
    /// # Errors
    /// Describes the fault, or the values that are allowed.
    pub(super) fn parse(text: &Value, current: &Value) -> Result<Self, String> {
        let table = match text {
            Value::Array(values) if values.is_empty() => return Err("list is empty".into()),
            Value::Array(values) => return Ok(Self::List(values.clone())),
            Value::Table(table) => table.clone(),
            _ => return Err("expected a list of values, or { from = ..., to = ... }".into()),
        };
        if to_f64(current).is_none() {
            return Err("the setting is not a number; give a list of values".into());
        }
        let interval =
            Interval::deserialize(table).map_err(|e| describe_parse_error(e.message()))?;
        let Interval { from, to, scale } = interval;
        if !(from.is_finite() && to.is_finite() && from < to) {
            return Err("from must be a number below to".into());
        }
        if scale == Scale::Log && from <= 0.0 {
            return Err("from must be positive on a log scale".into());
        }
        let is_integer = current.is_integer();
        if is_integer && (from.fract() != 0.0 || to.fract() != 0.0 || from < 0.0) {
            return Err("the setting is a whole number; from and to must be whole numbers".into());
        }
        Ok(Self::Interval {
            interval,
            is_integer,
        })
    }

    /// Returns the values to check: all values of a list, or the ends of an interval.
    pub(super) fn extremes(&self) -> Vec<Value> {
        match self {
            Self::List(values) => values.clone(),
            Self::Interval {
                interval,
                is_integer,
            } => [interval.from, interval.to]
                .map(|number| to_value(number, *is_integer))
                .to_vec(),
        }
    }

    /// Draws a value. It depends only on `seed`.
    pub(super) fn draw(&self, seed: u64) -> Value {
        let mut stream = stream(seed);
        match self {
            Self::List(values) => values[stream.below(values.len() as u64) as usize].clone(),
            Self::Interval {
                interval: Interval { from, to, scale },
                is_integer,
            } => {
                // Every integer gets an equal part of the interval, the last one too.
                let end = if *is_integer { to + 1.0 } else { *to };
                let number = match scale {
                    Scale::Linear => stream.uniform_in(*from, end),
                    Scale::Log => stream.uniform_in(from.ln(), end.ln()).exp(),
                };
                let number = match is_integer {
                    true => number.floor(),
                    false => round_to_three_digits(number),
                };
                to_value(number.clamp(*from, *to), *is_integer)
            }
        }
    }
}

/// Rounds to three significant digits. Machines whose logarithms differ in the last bit then agree.
fn round_to_three_digits(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

fn to_value(number: f64, is_integer: bool) -> Value {
    match is_integer {
        true => Value::Integer(number as i64),
        false => Value::Float(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, current: &Value) -> Result<Range, String> {
        let table: toml::Table = format!("x = {text}").parse().unwrap();
        Range::parse(&table["x"], current)
    }

    fn draw_400(text: &str, current: &Value) -> Vec<f64> {
        let range = parse(text, current).unwrap();
        let draw = |seed| to_f64(&range.draw(seed)).unwrap();
        (0..400).map(draw).collect()
    }

    #[test]
    fn draws_are_uniform_on_their_scale() {
        let float = Value::Float(1.0);
        let log = draw_400("{ from = 0.001, to = 10, scale = \"log\" }", &float);
        assert!(log.iter().all(|n| (0.001..=10.0).contains(n)));
        // Half of them lie below the geometric mean of the ends.
        let below = log.iter().filter(|n| **n < 0.1).count();
        assert!((160..240).contains(&below), "{below}");
        assert!(log.iter().all(|n| format!("{n:.2e}").parse() == Ok(*n)));
        let linear = draw_400("{ from = 0.25, to = 2.0 }", &float);
        let below = linear.iter().filter(|n| **n < 1.125).count();
        assert!((160..240).contains(&below), "{below}");
    }

    #[test]
    fn draws_take_every_integer_and_every_value_of_a_list() {
        for scale in ["linear", "log"] {
            let range = format!("{{ from = 2, to = 4, scale = \"{scale}\" }}");
            let drawn = draw_400(&range, &Value::Integer(3));
            assert!([2.0, 3.0, 4.0].iter().all(|n| drawn.contains(n)));
            assert!(drawn.iter().all(|n| [2.0, 3.0, 4.0].contains(n)));
        }
        let raw = Value::String("raw".into());
        let list = parse("[\"raw\", \"normalised\"]", &raw).unwrap();
        let count = (0..400).filter(|seed| list.draw(*seed) == raw).count();
        assert!((160..240).contains(&count));
    }

    #[test]
    fn rejects_ranges_that_are_incomplete_or_do_not_fit_the_setting() {
        let (float, integer) = (Value::Float(1.0), Value::Integer(3));
        let word = Value::String("raw".into());
        for (text, current, expected) in [
            ("3", &float, "a list of values, or"),
            ("[]", &float, "list is empty"),
            ("{ from = 1.0 }", &float, "missing field `to`"),
            ("{ from = 1.0, too = 2.0 }", &float, "did you mean to?"),
            ("{ from = 2.0, to = 1.0 }", &float, "below to"),
            ("{ from = nan, to = 1.0 }", &float, "below to"),
            ("{ from = 0, to = 1, scale = \"log\" }", &float, "positive"),
            (
                "{ from = 1, to = 2, scale = \"lgo\" }",
                &float,
                "did you mean log?",
            ),
            ("{ from = 1.5, to = 2 }", &integer, "a whole number"),
            ("{ from = 1, to = 2 }", &word, "not a number"),
        ] {
            let message = parse(text, current).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
