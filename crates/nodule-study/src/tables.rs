//! The tables: every number of every run as CSV, and the summaries for people beside them.

mod maps;
mod summaries;

use std::path::Path;

use nodule_eval::{Estimate, ReadOut};
use serde::Serialize;

use crate::Error;
use crate::folder::{create_folder, write_atomic};
use crate::hypotheses::Verdict;
use crate::record::FinishedRun;
use crate::settings::Study;
pub(crate) use maps::{look, mapped};
pub(crate) use summaries::{group, summaries, tests, values};

/// Writes `tables/*.csv` (one row a run, read-out and test, cell or mode; an undefined metric is an
/// empty field), and the summaries as Markdown and LaTeX.
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
        &folder.join("landscape.csv"),
        &LANDSCAPE,
        runs.iter().flat_map(landscape_rows),
    )?;
    write_csv(
        &folder.join("maps.csv"),
        &MAPS,
        runs.iter().flat_map(map_rows),
    )?;
    write_csv(
        &folder.join("hypotheses.csv"),
        &HYPOTHESES,
        verdicts.iter().map(hypothesis_row),
    )?;
    for table in summaries(study, runs, verdicts) {
        let spellings = [("md", table.markdown()), ("tex", table.latex())];
        for (ending, text) in spellings {
            write_atomic(
                &folder.join(format!("{}.{ending}", table.name)),
                text.as_bytes(),
            )?;
        }
    }
    Ok(())
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
const LANDSCAPE: [&str; 9] = [
    "run", "train", "loss", "seed", "readout", "shape", "texture", "score", "abnormal",
];
const MAPS: [&str; 14] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "method",
    "n",
    "blank",
    "contour",
    "interior",
    "background",
    "pointing",
    "deletion",
    "insertion",
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

fn landscape_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        let points = r.landscape.iter();
        points.map(move |p| {
            (
                key(run, r.read_out),
                p.shape,
                p.texture,
                p.score,
                p.abnormal,
            )
        })
    })
}

fn map_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.maps.iter().map(move |m| {
            let ratios = (m.contour, m.interior, m.background);
            let curves = (m.deletion, m.insertion);
            let counts = (m.method.to_string(), m.n, m.blank);
            (key(run, r.read_out), counts, ratios, m.pointing, curves)
        })
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
