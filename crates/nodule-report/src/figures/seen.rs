//! What is seen in a figure, in words: for those who cannot see it. The numbers are those that are drawn,
//! rounded to what an eye tells apart.

use nodule_study::records::FinishedRun;

use nodule_analysis::{Runs, mean};

/// `ce 0.98, contrastive 1.02`: the mean over the runs of each loss; `nothing` where there is none.
pub(super) fn by_loss(
    runs: &Runs,
    train: &str,
    of: &dyn Fn(&FinishedRun) -> Option<f64>,
) -> String {
    let losses = runs.study.losses.iter().filter_map(|loss| {
        let values: Vec<f64> = runs
            .group(train, loss)
            .iter()
            .filter_map(|run| of(run))
            .collect();
        (!values.is_empty()).then(|| format!("{loss} {}", rounded(mean(&values))))
    });
    joined(losses)
}

/// The same for every training distribution: `trained on both: ce 0.98; trained on shape: ce 0.71`.
pub(super) fn by_train(runs: &Runs, of: &dyn Fn(&FinishedRun) -> Option<f64>) -> String {
    let trains = runs.study.train_names();
    let of_train = |train: &str| format!("trained on {train}: {}", by_loss(runs, train, of));
    trains.map(of_train).collect::<Vec<_>>().join("; ")
}

/// Two digits, with a minus sign.
pub(super) fn rounded(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<_> = parts.collect();
    match parts.is_empty() {
        true => "nothing".to_owned(),
        false => parts.join(", "),
    }
}
