//! Summaries over training seeds of the grid's main numbers: in distribution, reliance, and metrics on
//! every test. Each number has what it varies by over seeds, and n.

use nodule_eval::Metric;
use nodule_study::claims::{Effect, Endpoint, Flipped, TestMetric};

use super::Table;
use super::cells::{by_read_out, mean_interval_text, mean_sd_text, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, values};

/// The metrics that have a table of every test, with what is to be said of tests that are scored twice.
const OF_TESTS: [(Metric, &str); 2] = [
    (
        Metric::Accuracy,
        "for the conflict tests, the share decided as each rule says",
    ),
    (
        Metric::Auroc,
        "for the conflict tests, against the labels of each rule",
    ),
];

/// How good each loss is in distribution.
pub(crate) fn validation(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        rows.extend(by_read_out(runs, train, train, &|group, read_out| {
            let accuracy = group.iter().filter_map(|run| {
                let measured = run.read_out(read_out)?;
                measured.validation.value(Metric::Accuracy)
            });
            mean_sd_text(&accuracy.collect::<Vec<_>>())
        })?);
    }
    Ok(Table {
        source: Source {
            file: "validation",
            keys: vec![("train", Key::Column(0)), ("readout", Key::Column(1)), ("loss", Key::Heading)],
            first: 2,
        },
        name: "validation".into(),
        caption: "In distribution: accuracy on validation images of the training distribution, mean ± standard deviation over training seeds (n). What two losses learned compares fairly where they are equally good here.".into(),
        header: [texts(&["train", "read-out"]), study.losses.clone()].concat(),
        rows,
    })
}

/// What each loss relies on.
pub(crate) fn reliance(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        for mode in MODES {
            for (name, endpoint) in [
                (mode.to_string(), Endpoint::from(Effect { mode })),
                (format!("{mode}, flipped"), Endpoint::from(Flipped { mode })),
            ] {
                let of_mode = by_read_out(runs, train, &name, &|group, read_out| {
                    mean_interval_text(runs, &values(group, &endpoint, read_out))
                })?;
                let with_train = |row| [vec![train.to_owned()], row].concat();
                rows.extend(of_mode.into_iter().map(with_train));
            }
        }
    }
    Ok(Table {
        source: Source {
            file: "reliance",
            keys: vec![("train", Key::Column(0)), ("mode", Key::Part(1, 0)), ("readout", Key::Column(2)), ("loss", Key::Heading)],
            first: 3,
        },
        name: "reliance".into(),
        caption: "Counterfactual reliance, mean with its 95% bootstrap interval over training seeds (n): mean change of the decision value from the mode's low to its high level, in standard deviations of the decision value in distribution (spreads); and the share of decisions that flip.".into(),
        header: [texts(&["train", "mode", "read-out"]), study.losses.clone()].concat(),
        rows,
    })
}

/// A table a metric, of networks trained on `train`.
pub(crate) fn of_tests(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let table = |(metric, note)| of_metric(runs, train, metric, note);
    OF_TESTS.into_iter().map(table).collect()
}

fn of_metric(runs: &Runs, train: &str, metric: Metric, note: &str) -> Result<Table, Error> {
    let mut rows = Vec::new();
    for test in runs.tests() {
        let endpoint = Endpoint::from(TestMetric {
            metric,
            test: test.to_owned(),
        });
        rows.extend(by_read_out(runs, train, test, &|group, read_out| {
            mean_sd_text(&values(group, &endpoint, read_out))
        })?);
    }
    Ok(Table {
        source: Source {
            file: "results",
            keys: vec![
                ("train", Key::Is(train.to_owned())),
                ("test", Key::Column(0)),
                ("readout", Key::Column(1)),
                ("loss", Key::Heading),
            ],
            first: 2,
        },
        name: format!("{metric}-{train}"),
        caption: format!(
            "Trained on {train}: {} on each test set, mean ± standard deviation over training seeds (n); {note}.",
            metric.title()
        ),
        header: [texts(&["test", "read-out"]), runs.study.losses.clone()].concat(),
        rows,
    })
}
