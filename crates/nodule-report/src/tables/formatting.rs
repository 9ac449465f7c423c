//! Cells of summary tables: a mean with its standard deviation or interval over training seeds, and n.

use nodule_analysis::Runs;
use nodule_eval::ReadOut;
use nodule_eval::statistics::{Interval, MeanSd, mean_sd};
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::text::format_number;

use crate::Error;
use crate::text::with_interval;

/// Cell without a number.
pub(crate) const MISSING: &str = "–";

/// Returns the cell of the runs of one loss with one classifier.
type GroupCell<'a> = &'a dyn Fn(&[&FinishedRun], ReadOut) -> Result<String, Error>;

/// A number of a run; `None` if the run does not have it.
type RunValue<'a> = &'a dyn Fn(&FinishedRun) -> Option<f64>;

/// Returns one row per classifier with any number, beginning with `name`; one column per loss.
pub(super) fn rows_by_classifier(
    runs: &Runs,
    train: &str,
    name: &str,
    cell: GroupCell,
) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    for read_out in &runs.study.read_outs {
        let losses = runs.study.losses.iter();
        let cells = losses.map(|loss| cell(runs.group(train, loss), *read_out));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        if cells.iter().any(|cell| cell != MISSING) {
            rows.push([vec![name.to_owned(), read_out.to_string()], cells].concat());
        }
    }
    Ok(rows)
}

/// Returns the mean and standard deviation of a number, one column per loss.
pub(super) fn mean_sd_by_loss(
    runs: &Runs,
    train: &str,
    value: RunValue,
) -> Result<Vec<String>, Error> {
    cells_by_loss(runs, train, value, &mean_sd_text)
}

/// Returns the mean and interval of a number, one column per loss.
pub(super) fn mean_interval_by_loss(
    runs: &Runs,
    train: &str,
    value: RunValue,
) -> Result<Vec<String>, Error> {
    let text = |values: &[f64]| mean_interval_text(runs, values);
    cells_by_loss(runs, train, value, &text)
}

fn cells_by_loss(
    runs: &Runs,
    train: &str,
    value: RunValue,
    text: &dyn Fn(&[f64]) -> Result<String, Error>,
) -> Result<Vec<String>, Error> {
    let cell = |loss: &String| {
        let values = runs.group(train, loss).iter().filter_map(|run| value(run));
        text(&values.collect::<Vec<_>>())
    };
    runs.study.losses.iter().map(cell).collect()
}

/// Returns `mean ± standard deviation (n)`, or `mean (1)` for one value.
pub(super) fn mean_sd_text(values: &[f64]) -> Result<String, Error> {
    let Some(MeanSd { mean, sd, .. }) = mean_sd(values)? else {
        return Ok(MISSING.to_owned());
    };
    let sd = sd.map_or_else(String::new, |sd| format!(" ± {sd:.3}"));
    Ok(format!("{}{sd} ({})", format_number(mean), values.len()))
}

/// Returns `mean [low, high] (n)` with the 95% bootstrap interval, or `mean (1)` for one value.
pub(super) fn mean_interval_text(runs: &Runs, values: &[f64]) -> Result<String, Error> {
    Ok(match runs.mean(values)? {
        None => MISSING.to_owned(),
        Some(mean) => interval_and_n(mean.mean, mean.interval, values.len()),
    })
}

/// A value of a run with its 95% interval over pairs or images.
type EstimateOf<'a> = &'a dyn Fn(&FinishedRun) -> Option<(f64, Option<Interval>)>;

/// Returns `value [low, high]` of an external model that has one seed, with the interval of the run itself; else the
/// text `over_seeds`.
pub(super) fn estimate_text(
    runs: &Runs,
    group: &[&FinishedRun],
    estimate: EstimateOf,
    over_seeds: impl Fn(&[f64]) -> Result<String, Error>,
) -> Result<String, Error> {
    let estimates: Vec<_> = group.iter().filter_map(|run| estimate(run)).collect();
    match estimates.as_slice() {
        [(value, interval)] if is_one_seed(runs) => Ok(with_interval(*value, *interval)),
        all => over_seeds(&all.iter().map(|(value, _)| *value).collect::<Vec<_>>()),
    }
}

/// Whether the runs are external models of one seed each.
fn is_one_seed(runs: &Runs) -> bool {
    runs.external && runs.study.seeds == 1
}

/// Returns the sentence of a caption on means of a number without an interval of its own.
pub(super) fn mean_sd_note(runs: &Runs) -> &'static str {
    match (is_one_seed(runs), runs.external) {
        (true, _) => "One value for each model (1).",
        (_, true) => "Mean ± standard deviation over the seeds of a model (n).",
        _ => "Mean ± standard deviation over training seeds (n).",
    }
}

/// Returns the sentence of a caption on means of a metric.
pub(super) fn metric_note(runs: &Runs) -> &'static str {
    match is_one_seed(runs) {
        true => "In brackets: 95% interval over images.",
        false => mean_sd_note(runs),
    }
}

/// Returns `value [low, high] (n)`.
pub(super) fn interval_and_n(value: f64, interval: Option<Interval>, n: usize) -> String {
    format!("{} ({n})", with_interval(value, interval))
}

/// Returns `low to high`.
pub(super) fn interval_text(interval: Option<Interval>) -> String {
    interval.map_or(MISSING.to_owned(), |i| {
        format!("{} to {}", format_number(i.low), format_number(i.high))
    })
}

/// Returns the text of an optional number.
pub(super) fn optional(value: Option<f64>, text: fn(f64) -> String) -> String {
    value.map_or(MISSING.to_owned(), text)
}

/// Returns the headings of the first columns and of one column per loss.
pub(super) fn with_losses(first: &[&str], study: &Study) -> Vec<String> {
    [strings(first), study.losses.clone()].concat()
}

pub(super) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_its_deviation_and_n() {
        let text = |values: &[f64]| mean_sd_text(values).unwrap();
        assert_eq!(text(&[]), "–");
        assert_eq!(text(&[0.5]), "0.500 (1)");
        assert_eq!(text(&[-1.0, -2.0, -3.0]), "−2.000 ± 1.000 (3)");
    }

    #[test]
    fn one_seed_has_no_interval() {
        assert_eq!(interval_and_n(0.5, None, 1), "0.500 (1)");
        let (low, high) = (-0.25, 1.0);
        let text = interval_and_n(0.5, Some(Interval { low, high }), 9);
        assert_eq!(text, "0.500 [−0.250, 1.000] (9)");
    }
}
