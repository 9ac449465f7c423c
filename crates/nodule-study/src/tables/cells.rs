//! Cells of summaries: a number with its spread and n.

use nodule_eval::{ReadOut, mean_sd};

use crate::numbers::number;
use crate::record::FinishedRun;
use crate::select::group;
use crate::settings::Study;

/// Where a table has no number.
pub(crate) const NONE: &str = "–";

/// One row a read-out that has any number, headed by `name`; one column a loss.
pub(super) fn by_read_out(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    name: &str,
    cell: &dyn Fn(&[&FinishedRun], ReadOut) -> String,
) -> Vec<Vec<String>> {
    let row = |read_out: &ReadOut| {
        let losses = study.losses.iter();
        let cells: Vec<_> = losses
            .map(|loss| cell(&group(runs, train, loss), *read_out))
            .collect();
        let any = cells.iter().any(|cell| cell != NONE);
        any.then(|| [vec![name.to_owned(), read_out.to_string()], cells].concat())
    };
    study.read_outs.iter().filter_map(row).collect()
}

/// A number of each run as mean and spread, one column a loss.
pub(super) fn by_loss(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    number: &dyn Fn(&FinishedRun) -> Option<f64>,
) -> Vec<String> {
    let cell = |loss: &String| {
        let numbers = group(runs, train, loss).into_iter().filter_map(number);
        spread_text(&numbers.collect::<Vec<_>>())
    };
    study.losses.iter().map(cell).collect()
}

/// `mean ± standard deviation (n)` over seeds.
pub(super) fn spread_text(values: &[f64]) -> String {
    match mean_sd(values) {
        None => NONE.into(),
        Some((mean, None)) => format!("{} (1)", number(mean)),
        Some((mean, Some(sd))) => format!("{} ± {sd:.3} ({})", number(mean), values.len()),
    }
}

pub(crate) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests_of_text {
    use super::*;

    #[test]
    fn a_mean_has_its_spread_and_n() {
        assert_eq!(spread_text(&[]), "–");
        assert_eq!(spread_text(&[0.5]), "0.500 (1)");
        assert_eq!(spread_text(&[-1.0, -2.0, -3.0]), "−2.000 ± 1.000 (3)");
    }
}
