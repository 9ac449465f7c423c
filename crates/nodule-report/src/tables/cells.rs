//! Cells of summaries: a number with what it varies by over seeds, and n.

use nodule_eval::ReadOut;
use nodule_eval::statistics::{Interval, mean_sd};
use nodule_study::records::FinishedRun;
use nodule_study::text::format_number;

use crate::Error;
use nodule_analysis::Runs;

/// Where a table has no number.
pub(crate) const NONE: &str = "–";

/// A cell of the runs of one loss, under one read-out.
type OfRuns<'a> = &'a dyn Fn(&[&FinishedRun], ReadOut) -> Result<String, Error>;

/// One row a read-out that has any number, headed by `name`; one column a loss.
pub(super) fn by_read_out(
    runs: &Runs,
    train: &str,
    name: &str,
    cell: OfRuns,
) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    for read_out in &runs.study.read_outs {
        let losses = runs.study.losses.iter();
        let cells = losses.map(|loss| cell(runs.group(train, loss), *read_out));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        if cells.iter().any(|cell| cell != NONE) {
            rows.push([vec![name.to_owned(), read_out.to_string()], cells].concat());
        }
    }
    Ok(rows)
}

/// A number of each run as mean and standard deviation, one column a loss.
pub(super) fn by_loss(
    runs: &Runs,
    train: &str,
    number: &dyn Fn(&FinishedRun) -> Option<f64>,
) -> Result<Vec<String>, Error> {
    columns(runs, train, number, &mean_sd_text)
}

/// The same as mean and interval.
pub(super) fn by_loss_interval(
    runs: &Runs,
    train: &str,
    number: &dyn Fn(&FinishedRun) -> Option<f64>,
) -> Result<Vec<String>, Error> {
    columns(runs, train, number, &|values| {
        mean_interval_text(runs, values)
    })
}

/// One column a loss: `text` of a number of each of its runs.
fn columns(
    runs: &Runs,
    train: &str,
    number: &dyn Fn(&FinishedRun) -> Option<f64>,
    text: &dyn Fn(&[f64]) -> Result<String, Error>,
) -> Result<Vec<String>, Error> {
    let cell = |loss: &String| {
        let numbers = runs.group(train, loss).iter().filter_map(|run| number(run));
        text(&numbers.collect::<Vec<_>>())
    };
    runs.study.losses.iter().map(cell).collect()
}

/// `mean ± standard deviation (n)` over seeds; `mean (1)` for one.
pub(super) fn mean_sd_text(values: &[f64]) -> Result<String, Error> {
    Ok(match mean_sd(values)? {
        None => NONE.into(),
        Some(found) => match found.sd {
            None => format!("{} (1)", format_number(found.mean)),
            Some(sd) => format!("{} ± {sd:.3} ({})", format_number(found.mean), values.len()),
        },
    })
}

/// `mean [low, high] (n)` over seeds, the interval being the 95% one of the bootstrap; `mean (1)` for one.
pub(super) fn mean_interval_text(runs: &Runs, values: &[f64]) -> Result<String, Error> {
    Ok(match runs.mean(values)? {
        None => NONE.to_owned(),
        Some(mean) => bracketed(mean.mean, mean.interval, values.len()),
    })
}

/// `value [low, high] (n)`.
pub(super) fn bracketed(value: f64, interval: Option<Interval>, n: usize) -> String {
    let interval = interval.map_or(String::new(), |i| {
        format!(" [{}, {}]", format_number(i.low), format_number(i.high))
    });
    format!("{}{interval} ({n})", format_number(value))
}

/// `low to high`.
pub(super) fn interval_text(interval: Option<Interval>) -> String {
    interval.map_or(NONE.to_owned(), |i| {
        format!("{} to {}", format_number(i.low), format_number(i.high))
    })
}

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
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
        assert_eq!(bracketed(0.5, None, 1), "0.500 (1)");
        let interval = Some(Interval {
            low: -0.25,
            high: 1.0,
        });
        assert_eq!(bracketed(0.5, interval, 9), "0.500 [−0.250, 1.000] (9)");
    }
}
