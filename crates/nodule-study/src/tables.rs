//! The tables: every number of every run as CSV, and summaries for people.

use std::path::Path;

use nodule_eval::{Estimate, ReadOut, mean_sd};
use serde::Serialize;

use crate::Error;
use crate::folder::{create_folder, write_atomic};
use crate::hypotheses::{Verdict, value};
use crate::record::FinishedRun;
use crate::settings::{Endpoint, Study};
use crate::table::Table;

/// Writes `tables/*.csv` (one row a run, read-out and test or mode), and the summaries as LaTeX.
///
/// # Errors
/// If the folder cannot be written to.
pub fn write_tables(
    study: &Study,
    runs: &[FinishedRun],
    verdicts: &[Verdict],
    folder: &Path,
) -> Result<(), Error> {
    let folder = folder.join("tables");
    create_folder(&folder)?;
    write_csv(
        &folder.join("results.csv"),
        &RESULTS,
        runs.iter().flat_map(result_rows),
    )?;
    write_csv(
        &folder.join("cells.csv"),
        &CELLS,
        runs.iter().flat_map(cell_rows),
    )?;
    write_csv(
        &folder.join("reliance.csv"),
        &RELIANCE,
        runs.iter().flat_map(reliance_rows),
    )?;
    write_csv(
        &folder.join("hypotheses.csv"),
        &HYPOTHESES,
        verdicts.iter().map(hypothesis_row),
    )?;
    for table in summaries(study, runs, verdicts) {
        write_atomic(
            &folder.join(format!("{}.tex", table.name)),
            table.latex().as_bytes(),
        )?;
    }
    Ok(())
}

/// The tables of the report: verdicts, reliance, and accuracy for every training distribution.
pub(crate) fn summaries(study: &Study, runs: &[FinishedRun], verdicts: &[Verdict]) -> Vec<Table> {
    let mut tables = vec![hypotheses_table(verdicts), reliance_table(study, runs)];
    tables.extend(
        study
            .train
            .iter()
            .map(|train| accuracy_table(study, runs, train)),
    );
    tables
}

const RESULTS: [&str; 12] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "test",
    "n",
    "accuracy",
    "sensitivity",
    "specificity",
    "balanced_accuracy",
    "auroc",
];
const CELLS: [&str; 12] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "test",
    "label",
    "shape",
    "texture",
    "n",
    "accuracy",
    "mean_score",
];
const RELIANCE: [&str; 8] = [
    "run", "train", "loss", "seed", "readout", "mode", "effect", "flipped",
];
const HYPOTHESES: [&str; 9] = [
    "id", "claim", "effect", "ci_low", "ci_high", "p", "p_holm", "n", "verdict",
];

/// What every row of a run begins with.
type Key<'a> = (&'a str, &'a str, &'a str, usize, ReadOut);

fn key(run: &FinishedRun, read_out: ReadOut) -> Key<'_> {
    let r = &run.record;
    (&r.run, &r.train, &r.loss, r.seed, read_out)
}

fn result_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    let number = |estimate: Option<Estimate>| estimate.map(|e| e.value);
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.tests.iter().map(move |t| {
            let m = &t.metrics;
            let rates = [
                m.accuracy,
                m.sensitivity,
                m.specificity,
                m.balanced_accuracy,
                m.auroc,
            ]
            .map(number);
            (key(run, r.read_out), &t.test, m.n, rates)
        })
    })
}

fn cell_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.tests.iter().flat_map(move |t| {
            t.cells.iter().map(move |c| {
                let cell = (c.label, &c.shape, &c.texture, c.n, c.accuracy, c.mean_score);
                (key(run, r.read_out), &t.test, cell)
            })
        })
    })
}

fn reliance_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.reliance
            .iter()
            .map(move |m| (key(run, r.read_out), &m.mode, m.effect, m.flipped))
    })
}

fn hypothesis_row(v: &Verdict) -> impl Serialize {
    let ends = (v.interval.map(|i| i.low), v.interval.map(|i| i.high));
    (
        &v.id,
        &v.claim,
        v.effect,
        ends,
        v.p,
        v.p_holm,
        v.n,
        v.ruling.text(),
    )
}

fn write_csv(
    path: &Path,
    header: &[&str],
    rows: impl Iterator<Item = impl Serialize>,
) -> Result<(), Error> {
    let failed = |e: String| Error::Record {
        path: path.to_path_buf(),
        reason: e,
    };
    let mut out = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    out.write_record(header)
        .map_err(|e| failed(e.to_string()))?;
    for row in rows {
        out.serialize(row).map_err(|e| failed(e.to_string()))?;
    }
    write_atomic(path, &out.into_inner().map_err(|e| failed(e.to_string()))?)
}

fn hypotheses_table(verdicts: &[Verdict]) -> Table {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
    };
    let row = |v: &Verdict| {
        let interval = v.interval.map_or_else(
            || "–".to_owned(),
            |i| format!("{:.3} to {:.3}", i.low, i.high),
        );
        let p = [v.p, v.p_holm].map(|p| number(p, 4));
        let [p, p_holm] = p;
        vec![
            v.id.clone(),
            v.claim.clone(),
            number(v.effect, 3),
            interval,
            p,
            p_holm,
            v.n.to_string(),
            v.ruling.text().to_owned(),
        ]
    };
    Table {
        name: "hypotheses".into(),
        caption: "Claims, declared before the run. Effect with its 95% interval over n seeds; p two-sided, and corrected by Holm over all claims.".into(),
        header: ["", "claim", "effect", "95% interval", "p", "p (Holm)", "n", "verdict"].map(String::from).into(),
        rows: verdicts.iter().map(row).collect(),
    }
}

/// The runs of one training distribution and one loss.
pub(crate) fn group<'a>(runs: &'a [FinishedRun], train: &str, loss: &str) -> Vec<&'a FinishedRun> {
    runs.iter()
        .filter(|run| run.record.train == train && run.record.loss == loss)
        .collect()
}

/// An endpoint's value for each run of a group, where it has one.
pub(crate) fn values(group: &[&FinishedRun], endpoint: &Endpoint, read_out: ReadOut) -> Vec<f64> {
    group
        .iter()
        .filter_map(|run| value(run, endpoint, read_out))
        .collect()
}

/// `mean ± standard deviation (n)` over seeds.
fn spread_text(values: &[f64]) -> String {
    match mean_sd(values) {
        None => "–".into(),
        Some((mean, None)) => format!("{mean:.3} (1)"),
        Some((mean, Some(sd))) => format!("{mean:.3} ± {sd:.3} ({})", values.len()),
    }
}

/// One row for every loss and read-out that the loss has; one column an endpoint.
fn rows(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    endpoints: &[Endpoint],
) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for loss in &study.losses {
        let group = group(runs, train, loss);
        for &read_out in &study.read_outs {
            let cells: Vec<_> = endpoints
                .iter()
                .map(|e| values(&group, e, read_out))
                .collect();
            if cells.iter().any(|values| !values.is_empty()) {
                let mut row = vec![loss.clone(), read_out.to_string()];
                row.extend(cells.iter().map(|values| spread_text(values)));
                rows.push(row);
            }
        }
    }
    rows
}

/// Names of the scored tests, in the order of the runs' records.
pub(crate) fn tests(runs: &[FinishedRun]) -> Vec<String> {
    let first = runs
        .first()
        .and_then(|run| run.evaluation.read_outs.first());
    first.map_or_else(Vec::new, |r| {
        r.tests.iter().map(|t| t.test.clone()).collect()
    })
}

fn accuracy_table(study: &Study, runs: &[FinishedRun], train: &str) -> Table {
    let tests = tests(runs);
    let endpoints: Vec<_> = tests
        .iter()
        .map(|test| Endpoint::Accuracy { test: test.clone() })
        .collect();
    Table {
        name: format!("accuracy-{train}"),
        caption: format!(
            "Trained on {train}: accuracy on each test set, mean ± standard deviation over training seeds (n). The conflict columns are the share decided as each rule says."
        ),
        header: ["loss", "read-out"]
            .into_iter()
            .map(String::from)
            .chain(tests)
            .collect(),
        rows: rows(study, runs, train, &endpoints),
    }
}

fn reliance_table(study: &Study, runs: &[FinishedRun]) -> Table {
    let mode = |name: &str| name.to_owned();
    let endpoints = [
        Endpoint::Effect {
            mode: mode("shape"),
        },
        Endpoint::Flipped {
            mode: mode("shape"),
        },
        Endpoint::Effect {
            mode: mode("texture"),
        },
        Endpoint::Flipped {
            mode: mode("texture"),
        },
    ];
    let of_train = |train: &String| {
        let rows = rows(study, runs, train, &endpoints).into_iter();
        rows.map(|row| [vec![train.clone()], row].concat())
            .collect::<Vec<_>>()
    };
    Table {
        name: "reliance".into(),
        caption: "Counterfactual reliance, mean ± standard deviation over training seeds (n). Effect: mean change of the decision value from the mode's low to its high level, in standard deviations of the decision value in distribution. Flipped: share of decisions that change.".into(),
        header: ["train", "loss", "read-out", "shape: effect", "shape: flipped", "texture: effect", "texture: flipped"].map(String::from).into(),
        rows: study.train.iter().flat_map(of_train).collect(),
    }
}
