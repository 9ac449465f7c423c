//! Text alternatives of figures: the numbers that a figure shows, rounded to two digits.

use nodule_analysis::{Runs, mean};
use nodule_study::records::FinishedRun;

use crate::text::trained_on;

/// A number of a run; `None` if the run does not have it.
pub(super) type RunValue<'a> = &'a dyn Fn(&FinishedRun) -> Option<f64>;

/// Returns the mean over the runs of each loss, such as `ce 0.98, contrastive 1.02`; `no runs` if there is none.
pub(super) fn means_by_loss(runs: &Runs, train: &str, value: RunValue) -> String {
    let loss_mean = |loss: &String| {
        let group = runs.group(train, loss).iter();
        let values: Vec<f64> = group.filter_map(|run| value(run)).collect();
        (!values.is_empty()).then(|| format!("{loss} {}", two_digits(mean(&values))))
    };
    let means: Vec<_> = runs.study.losses.iter().filter_map(loss_mean).collect();
    match means.is_empty() {
        true if runs.external => "no models".to_owned(),
        true => "no runs".to_owned(),
        false => means.join(", "),
    }
}

/// Returns the same for every training distribution: `trained on both: ce 0.98; trained on shape: ce 0.71`.
pub(super) fn means_by_train(runs: &Runs, value: RunValue) -> String {
    let trains = runs.study.train_names();
    let parts = trains.map(|train| {
        let means = means_by_loss(runs, train, value);
        format!("{}: {means}", trained_on(runs, train))
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Returns a number with two digits and a typographic minus sign.
pub(super) fn two_digits(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}
