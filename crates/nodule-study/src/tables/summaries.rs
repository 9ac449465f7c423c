//! Summaries over training seeds: mean, spread and n in every number.

use super::cells::{NONE, by_read_out, spread_text, texts};
use crate::figures::mean_interval;
use crate::hypotheses::Verdict;
use crate::numbers::{number, p_value};
use crate::record::FinishedRun;
use crate::select::{tests, values};
use crate::settings::{Endpoint, Study};
use crate::source::{Key, Source};
use crate::table::Table;

/// The tables of the report: verdicts, accuracy in distribution, reliance, maps, and accuracy and AUROC
/// on every test for every training distribution.
pub(crate) fn summaries(study: &Study, runs: &[FinishedRun], verdicts: &[Verdict]) -> Vec<Table> {
    let mut tables = vec![
        hypotheses_table(verdicts),
        validation_table(study, runs),
        reliance_table(study, runs),
    ];
    tables.extend(super::maps::tables(study, runs));
    tables.extend(super::controls::tables(study, runs));
    for train in &study.train {
        tables.push(accuracy_table(study, runs, train));
        tables.push(auroc_table(study, runs, train));
        tables.extend(super::controls::tables_of_train(study, runs, train));
    }
    tables
}

fn hypotheses_table(verdicts: &[Verdict]) -> Table {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let row = |v: &Verdict| {
        let interval = v
            .interval
            .map(|i| format!("{} to {}", number(i.low), number(i.high)));
        vec![
            v.id.clone(),
            v.claim.clone(),
            v.measure.clone(),
            or_none(v.effect.map(number)),
            or_none(interval),
            or_none(v.standardised.map(number)),
            or_none(v.p.map(p_value)),
            or_none(v.p_holm.map(p_value)),
            v.n.to_string(),
            v.ruling.text().to_owned(),
        ]
    };
    Table {
        source: Source {
            file: "hypotheses",
            keys: vec![("id", Key::Column(0))],
            first: 3,
        },
        name: "hypotheses".into(),
        caption: "Claims, declared before the run. Effect with its 95% bootstrap interval over n training seeds; dz: the effect in standard deviations of its paired values over seeds (Cohen's); p two-sided, and corrected by Holm over all claims.".into(),
        header: texts(&["", "claim", "measure", "effect", "95% interval", "dz", "p", "p (Holm)", "n", "verdict"]),
        rows: verdicts.iter().map(row).collect(),
    }
}

fn validation_table(study: &Study, runs: &[FinishedRun]) -> Table {
    let cell = |group: &[&FinishedRun], read_out| {
        let measured = group.iter().flat_map(|run| &run.evaluation.read_outs);
        let of_read_out = measured.filter(|r| r.read_out == read_out);
        let accuracies = of_read_out.filter_map(|r| Some(r.validation.accuracy?.value));
        spread_text(&accuracies.collect::<Vec<_>>())
    };
    let of_train = |train: &String| by_read_out(study, runs, train, train, &cell);
    Table {
        source: Source {
            file: "validation",
            keys: vec![("train", Key::Column(0)), ("readout", Key::Column(1)), ("loss", Key::Heading)],
            first: 2,
        },
        name: "validation".into(),
        caption: "In distribution: accuracy on validation images of the training distribution, mean ± standard deviation over training seeds (n). What two losses learned compares fairly where they are equally good here.".into(),
        header: [texts(&["train", "read-out"]), study.losses.clone()].concat(),
        rows: study.train.iter().flat_map(of_train).collect(),
    }
}

fn reliance_table(study: &Study, runs: &[FinishedRun]) -> Table {
    let cell = |values: &[f64]| match mean_interval(values) {
        None => NONE.to_owned(),
        Some((mean, i)) => {
            let (low, high) = (number(i.low), number(i.high));
            format!("{} [{low}, {high}] ({})", number(mean), values.len())
        }
    };
    let mode = |mode: &str| mode.to_owned();
    let endpoints = [
        (
            "shape",
            Endpoint::Effect {
                mode: mode("shape"),
            },
        ),
        (
            "shape, flipped",
            Endpoint::Flipped {
                mode: mode("shape"),
            },
        ),
        (
            "texture",
            Endpoint::Effect {
                mode: mode("texture"),
            },
        ),
        (
            "texture, flipped",
            Endpoint::Flipped {
                mode: mode("texture"),
            },
        ),
    ];
    let mut rows = Vec::new();
    for train in &study.train {
        for (name, endpoint) in &endpoints {
            let of_mode = by_read_out(study, runs, train, name, &|group, read_out| {
                cell(&values(group, endpoint, read_out))
            });
            rows.extend(
                of_mode
                    .into_iter()
                    .map(|row| [vec![train.clone()], row].concat()),
            );
        }
    }
    Table {
        source: Source {
            file: "reliance",
            keys: vec![("train", Key::Column(0)), ("mode", Key::Part(1, 0)), ("readout", Key::Column(2)), ("loss", Key::Heading)],
            first: 3,
        },
        name: "reliance".into(),
        caption: "Counterfactual reliance, mean with its 95% bootstrap interval over training seeds (n): mean change of the decision value from the mode's low to its high level, in standard deviations of the decision value in distribution (spreads); and the share of decisions that flip.".into(),
        header: [texts(&["train", "mode", "read-out"]), study.losses.clone()].concat(),
        rows,
    }
}

fn accuracy_table(study: &Study, runs: &[FinishedRun], train: &str) -> Table {
    test_table(study, runs, train, "accuracy", |test| Endpoint::Accuracy {
        test,
    })
}

fn auroc_table(study: &Study, runs: &[FinishedRun], train: &str) -> Table {
    test_table(study, runs, train, "auroc", |test| Endpoint::Auroc { test })
}

fn test_table(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    metric: &str,
    endpoint: fn(String) -> Endpoint,
) -> Table {
    let rows = |test: String| by_endpoint(study, runs, train, &test, &endpoint(test.clone()));
    let (title, note) = match metric {
        "auroc" => (
            "AUROC",
            "for the conflict tests, against the labels of each rule",
        ),
        _ => (
            "accuracy",
            "for the conflict tests, the share decided as each rule says",
        ),
    };
    Table {
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
            "Trained on {train}: {title} on each test set, mean ± standard deviation over training seeds (n); {note}."
        ),
        header: [texts(&["test", "read-out"]), study.losses.clone()].concat(),
        rows: tests(runs).into_iter().flat_map(rows).collect(),
    }
}

fn by_endpoint(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    name: &str,
    endpoint: &Endpoint,
) -> Vec<Vec<String>> {
    by_read_out(study, runs, train, name, &|group, read_out| {
        spread_text(&values(group, endpoint, read_out))
    })
}
