//! Wording shared by figures, tables and the page: names of classifiers, units, plurals, lists.

use nodule_analysis::Runs;
use nodule_eval::ReadOut;
use nodule_eval::statistics::Interval;
use nodule_study::text::{classifier_name, format_number};

/// Returns the name of a classifier as sentences use it, such as `nearest-centroid classifier`.
pub(crate) fn classifier(read_out: ReadOut) -> &'static str {
    match read_out {
        ReadOut::Head => "network's own head",
        other => classifier_name(other),
    }
}

/// Returns the name of a classifier as [`classifier`] does; external models need not be networks with a head.
pub(crate) fn classifier_of(runs: &Runs, read_out: ReadOut) -> &'static str {
    match read_out {
        ReadOut::Head if runs.external => "model's own score",
        _ => classifier(read_out),
    }
}

/// Returns `1 table`, `2 tables`; `noun` is the singular and takes an `s`.
pub(crate) fn count_of(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        _ if noun.ends_with("ss") => format!("{n} {noun}es"),
        _ => format!("{n} {noun}s"),
    }
}

/// Returns `a`, `a and b`, or `a, b and c`.
pub(crate) fn list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// Returns `0.512 [0.500, 0.530]`, or the value alone if it has no interval.
pub(crate) fn with_interval(value: f64, interval: Option<Interval>) -> String {
    let interval = interval.map_or_else(String::new, |i| {
        format!(" [{}, {}]", format_number(i.low), format_number(i.high))
    });
    format!("{}{interval}", format_number(value))
}

/// Returns `trained on NAME`, or `reference set NAME` for external models, whose training is unknown.
pub(crate) fn trained_on(runs: &Runs, train: &str) -> String {
    match runs.external {
        true => format!("reference set {train}"),
        false => format!("trained on {train}"),
    }
}

/// Returns the title of a column or panel of training sets.
pub(crate) fn training_set(runs: &Runs) -> &'static str {
    match runs.external {
        true => "reference set",
        false => "training set",
    }
}

/// Returns the images whose scores give the SD unit.
pub(crate) fn validation_images(runs: &Runs) -> &'static str {
    match runs.external {
        true => "the validation images of the reference set",
        false => "in-distribution validation images",
    }
}

/// Returns the subject of the networks of one training set.
pub(crate) fn networks_of(runs: &Runs, train: &str) -> String {
    match runs.external {
        true if runs.study.losses.len() == 1 => {
            format!("the model with reference set `{train}`")
        }
        true => format!("the models with reference set `{train}`"),
        false => format!("networks trained on the `{train}` distribution"),
    }
}

/// Returns the text with its first letter in upper case.
pub(crate) fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_and_lists_follow_their_number() {
        assert_eq!(
            [
                count_of(1, "loss"),
                count_of(2, "loss"),
                count_of(0, "table")
            ],
            ["1 loss", "2 losses", "0 tables"]
        );
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(capitalise("shape"), "Shape");
    }

    #[test]
    fn a_value_without_an_interval_stands_alone() {
        let interval = Interval {
            low: -0.25,
            high: 1.0,
        };
        assert_eq!(with_interval(0.5, Some(interval)), "0.500 [−0.250, 1.000]");
        assert_eq!(with_interval(0.5, None), "0.500");
    }
}
