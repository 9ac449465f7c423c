//! What a tuned setting is drawn from, and the draw.

use nodule_error::describe_parse_error;
use nodule_seed::stream;
use serde::Deserialize;
use toml::Value;

use super::to_f64;

/// The values that a setting may take.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Range {
    /// One of these, each as likely.
    Among(Vec<Value>),
    /// A number between two.
    Between {
        /// Its ends.
        ends: Ends,
        /// Whether it is a whole number.
        whole: bool,
    },
}

/// The ends of a range, both of it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ends {
    from: f64,
    to: f64,
    #[serde(default)]
    scale: Scale,
}

/// How numbers of a range are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// Their logarithms evenly.
    Log,
}

/// Of a setting that is `now` in the study: a number where that is one.
///
/// # Errors
/// What would be allowed, in words.
pub(super) fn range(spelled: &Value, now: &Value) -> Result<Range, String> {
    let table = match spelled {
        Value::Array(values) if values.is_empty() => return Err("at least one value".into()),
        Value::Array(values) => return Ok(Range::Among(values.clone())),
        Value::Table(table) => table.clone(),
        _ => return Err("a list of values, or { from = ..., to = ... }".into()),
    };
    if to_f64(now).is_none() {
        return Err("a list of values: the setting is no number".into());
    }
    let ends: Ends = Ends::deserialize(table).map_err(|e| {
        format!(
            "{{ from, to, scale }}: {}",
            describe_parse_error(e.message())
        )
    })?;
    if !(ends.from.is_finite() && ends.to.is_finite() && ends.from < ends.to) {
        return Err("from a number to a larger one".into());
    }
    if ends.scale == Scale::Log && ends.from <= 0.0 {
        return Err("from a positive number, on a scale of logarithms".into());
    }
    let whole = now.is_integer();
    if whole && (ends.from.fract() != 0.0 || ends.to.fract() != 0.0 || ends.from < 0.0) {
        return Err("from a whole number to another: the setting is one".into());
    }
    Ok(Range::Between { ends, whole })
}

impl Range {
    /// The values that a check must find sound: all of a list, the ends of a range.
    pub(super) fn ends(&self) -> Vec<Value> {
        match self {
            Self::Among(values) => values.clone(),
            Self::Between { ends, whole } => {
                [ends.from, ends.to].map(|n| spelled(n, *whole)).to_vec()
            }
        }
    }

    /// One of the values, decided by `seed` alone.
    pub(super) fn draw(&self, seed: u64) -> Value {
        let mut stream = stream(seed);
        match self {
            Self::Among(values) => values[stream.below(values.len() as u64) as usize].clone(),
            Self::Between { ends, whole } => {
                // Every whole number has as long a stretch, the last one too.
                let to = if *whole { ends.to + 1.0 } else { ends.to };
                let drawn = match ends.scale {
                    Scale::Linear => stream.uniform_in(ends.from, to),
                    Scale::Log => stream.uniform_in(ends.from.ln(), to.ln()).exp(),
                };
                let drawn = if *whole { drawn.floor() } else { short(drawn) };
                spelled(drawn.clamp(ends.from, ends.to), *whole)
            }
        }
    }
}

/// With three significant digits: people write them down, and machines whose logarithms differ in the last
/// bit agree.
fn short(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

fn spelled(number: f64, whole: bool) -> Value {
    match whole {
        true => Value::Integer(number as i64),
        false => Value::Float(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, now: &Value) -> Result<Range, String> {
        let table: toml::Table = format!("x = {text}").parse().unwrap();
        range(&table["x"], now)
    }

    #[test]
    fn draws_lie_in_their_range_and_fill_it() {
        let float = Value::Float(1.0);
        let drawn = |text: &str, now: &Value| -> Vec<f64> {
            let range = parsed(text, now).unwrap();
            (0..400)
                .map(|seed| to_f64(&range.draw(seed)).unwrap())
                .collect()
        };
        let log = drawn("{ from = 0.001, to = 10, scale = \"log\" }", &float);
        assert!(log.iter().all(|n| (0.001..=10.0).contains(n)));
        // Half of them below the geometric middle, not half below 5.
        let below = log.iter().filter(|n| **n < 0.1).count();
        assert!((160..240).contains(&below), "{below}");
        assert!(log.iter().all(|n| format!("{n:.2e}").parse() == Ok(*n)));
        let linear = drawn("{ from = 0.25, to = 2.0 }", &float);
        let below = linear.iter().filter(|n| **n < 1.125).count();
        assert!((160..240).contains(&below), "{below}");
        for scale in ["linear", "log"] {
            let whole = format!("{{ from = 2, to = 4, scale = \"{scale}\" }}");
            let whole = drawn(&whole, &Value::Integer(3));
            assert!([2.0, 3.0, 4.0].iter().all(|n| whole.contains(n)));
            assert!(whole.iter().all(|n| [2.0, 3.0, 4.0].contains(n)));
        }
        let listed = parsed("[\"raw\", \"normalised\"]", &Value::String("raw".into()));
        let listed = listed.unwrap();
        let raw = (0..400).filter(|seed| listed.draw(*seed) == Value::String("raw".into()));
        assert!((160..240).contains(&raw.count()));
    }

    #[test]
    fn what_is_no_range_is_said() {
        let (float, whole) = (Value::Float(1.0), Value::Integer(3));
        let word = Value::String("raw".into());
        for (text, now, words) in [
            ("3", &float, "a list of values, or"),
            ("[]", &float, "at least one value"),
            ("{ from = 1.0 }", &float, "missing field `to`"),
            ("{ from = 1.0, too = 2.0 }", &float, "did you mean to?"),
            ("{ from = 2.0, to = 1.0 }", &float, "to a larger one"),
            ("{ from = nan, to = 1.0 }", &float, "to a larger one"),
            ("{ from = 0, to = 1, scale = \"log\" }", &float, "positive"),
            (
                "{ from = 1, to = 2, scale = \"lgo\" }",
                &float,
                "did you mean log?",
            ),
            ("{ from = 1.5, to = 2 }", &whole, "a whole number"),
            ("{ from = 1, to = 2 }", &word, "no number"),
        ] {
            let message = parsed(text, now).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
