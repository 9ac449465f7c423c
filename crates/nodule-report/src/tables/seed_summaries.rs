//! Summaries over training seeds: accuracy in distribution, reliance, and metrics on every test set.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, values};
use nodule_eval::Metric;
use nodule_study::claims::{Endpoint, Flipped};

use super::formatting::{mean_interval_text, mean_sd_text, rows_by_classifier, strings};
use super::{Source, Table};
use crate::Error;
use crate::endpoints::{metric_on, reliance_on};

/// Metrics that have a table of every test set, with a note on the conflict tests.
const TEST_METRICS: [(Metric, &str); 2] = [
    (
        Metric::Accuracy,
        "For the conflict tests: share classified as each rule labels",
    ),
    (
        Metric::Auroc,
        "For the conflict tests: against the labels of each rule",
    ),
];

/// Returns the accuracy in distribution.
pub(crate) fn validation(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        rows.extend(rows_by_classifier(
            runs,
            train,
            train,
            &|group, read_out| {
                let accuracy = group.iter().filter_map(|run| {
                    let measured = run.read_out(read_out)?;
                    measured.validation.value(Metric::Accuracy)
                });
                mean_sd_text(&accuracy.collect::<Vec<_>>())
            },
        )?);
    }
    Ok(Table {
        name: "validation".into(),
        caption: "Accuracy in distribution. On validation images of the training distribution; mean ± standard deviation over training seeds (n). Comparisons of reliance are fair where two losses are equally accurate here.".into(),
        header: [strings(&["training set", "classifier"]), study.losses.clone()].concat(),
        rows,
        source: Source { file: "validation", keys: &["train", "readout", "loss"] },
    })
}

/// Returns the reliance on shape and texture.
pub(crate) fn reliance(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        for mode in MODES {
            for (name, endpoint) in [
                (mode.to_string(), reliance_on(mode)),
                (format!("{mode}, flipped"), Endpoint::from(Flipped { mode })),
            ] {
                let mode_rows = rows_by_classifier(runs, train, &name, &|group, read_out| {
                    mean_interval_text(runs, &values(group, &endpoint, read_out))
                })?;
                rows.extend(
                    mode_rows
                        .into_iter()
                        .map(|row| [vec![train.to_owned()], row].concat()),
                );
            }
        }
    }
    Ok(Table {
        name: "reliance".into(),
        caption: "Counterfactual reliance. Mean change of the decision score from the low to the high level of the mode of variation, in SD units (standard deviations of the decision score on in-distribution validation images); flipped: share of predictions that change. Mean with its 95% bootstrap interval over training seeds (n).".into(),
        header: [strings(&["training set", "mode of variation", "classifier"]), study.losses.clone()].concat(),
        rows,
        source: Source { file: "reliance", keys: &["train", "mode", "readout", "loss"] },
    })
}

/// Returns one table per metric, of networks trained on `train`.
pub(crate) fn test_metrics(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let table = |(metric, note)| test_metric(runs, train, metric, note);
    TEST_METRICS.into_iter().map(table).collect()
}

fn test_metric(runs: &Runs, train: &str, metric: Metric, note: &str) -> Result<Table, Error> {
    let mut rows = Vec::new();
    for test in runs.tests() {
        let endpoint = metric_on(metric, test);
        rows.extend(rows_by_classifier(
            runs,
            train,
            test,
            &|group, read_out| mean_sd_text(&values(group, &endpoint, read_out)),
        )?);
    }
    let title = match metric {
        Metric::Accuracy => "Accuracy",
        _ => metric.title(),
    };
    Ok(Table {
        name: format!("{metric}-{train}"),
        caption: format!(
            "{title} on each test set, trained on `{train}`. Mean ± standard deviation over training seeds (n). {note}."
        ),
        header: [
            strings(&["test set", "classifier"]),
            runs.study.losses.clone(),
        ]
        .concat(),
        rows,
        source: Source {
            file: "results",
            keys: &["train", "test", "readout", "loss"],
        },
    })
}
