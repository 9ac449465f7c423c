//! The tables: every number of every run as CSV, and the summaries for people beside them.

mod controls;
mod maps;
mod per_run;
mod sanity;
mod summaries;

use std::path::Path;

use serde::Serialize;

use crate::Error;
use crate::extra::Extra;
use crate::folder::{create_folder, write_atomic};
use crate::hypotheses::Verdict;
use crate::record::FinishedRun;
use crate::settings::Study;
use crate::table::Table;
pub(crate) use maps::{look, mapped};
use per_run::write_per_run;
pub(crate) use sanity::sanity_table;
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
    write_per_run(runs, &folder)?;
    write_csv(
        &folder.join("hypotheses.csv"),
        &HYPOTHESES,
        verdicts.iter().map(hypothesis_row),
    )?;
    let all = summaries(study, runs, verdicts);
    all.iter()
        .try_for_each(|table| write_spellings(table, &folder))
}

/// Writes what the networks themselves say: `tables/sanity.csv` and its summary.
pub(crate) fn write_sanity(extra: &Extra, folder: &Path) -> Result<(), Error> {
    let folder = folder.join("tables");
    create_folder(&folder)?;
    let rows = extra.sanity.iter().map(|(loss, row)| {
        let counts = (row.method.to_string(), &row.layer, row.n, row.blank);
        (loss, counts, row.similarity, row.rank_correlation)
    });
    write_csv(&folder.join("sanity.csv"), &SANITY, rows)?;
    extra
        .tables
        .iter()
        .try_for_each(|table| write_spellings(table, &folder))
}

const SANITY: [&str; 7] = [
    "loss",
    "method",
    "randomised",
    "n",
    "blank",
    "similarity",
    "rank_correlation",
];

fn write_spellings(table: &Table, folder: &Path) -> Result<(), Error> {
    let spellings = [("md", table.markdown()), ("tex", table.latex())];
    spellings.iter().try_for_each(|(ending, text)| {
        let file = folder.join(format!("{}.{ending}", table.name));
        write_atomic(&file, text.as_bytes())
    })
}

const HYPOTHESES: [&str; 9] = [
    "id", "claim", "effect", "ci_low", "ci_high", "p", "p_holm", "n", "verdict",
];

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
