//! The tables: every number of every run as CSV, and the summaries for people beside them.

mod cells;
mod controls;
mod maps;
mod per_run;
mod sanity;
mod summaries;

use std::path::Path;

use serde::Serialize;

use crate::Error;
use crate::csv_text::csv_bytes;
use crate::explain::SanityRow;
use crate::extra::Extra;
use crate::folder::{create_folder, write_atomic};
use crate::hypotheses::Verdict;
use crate::record::FinishedRun;
use crate::settings::Study;
use crate::table::Table;
pub(crate) use cells::{NONE, texts};
pub(crate) use per_run::per_run_csv;
use per_run::write_per_run;
pub(crate) use sanity::sanity_table;
pub(crate) use summaries::summaries;

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
    write_atomic(&folder.join("hypotheses.csv"), &hypotheses_csv(verdicts)?)?;
    let all = summaries(study, runs, verdicts);
    all.iter()
        .try_for_each(|table| write_spellings(table, &folder))
}

/// Writes what goes beyond the grid's own numbers: CSV files, and summaries as Markdown and LaTeX.
pub(crate) fn write_extra(extra: &Extra, folder: &Path) -> Result<(), Error> {
    let folder = folder.join("tables");
    create_folder(&folder)?;
    for (name, bytes) in &extra.csv {
        write_atomic(&folder.join(format!("{name}.csv")), bytes)?;
    }
    extra
        .tables
        .iter()
        .try_for_each(|table| write_spellings(table, &folder))
}

/// `sanity.csv`: one row a loss, method and stage.
pub(crate) fn sanity_csv(sanity: &[(String, SanityRow)]) -> Result<(String, Vec<u8>), Error> {
    let rows = sanity.iter().map(|(loss, row)| {
        let counts = (row.method.to_string(), &row.layer, row.n, row.blank);
        (loss, counts, row.similarity, row.rank_correlation)
    });
    Ok(("sanity".into(), csv_bytes("sanity", &SANITY, rows)?))
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

/// For reading (Markdown), for papers (LaTeX) and for spreadsheets (CSV).
fn write_spellings(table: &Table, folder: &Path) -> Result<(), Error> {
    let spellings = [
        ("md", table.markdown().into_bytes()),
        ("tex", table.latex().into_bytes()),
        ("summary.csv", table.csv()?),
    ];
    spellings.iter().try_for_each(|(ending, text)| {
        write_atomic(&folder.join(format!("{}.{ending}", table.name)), text)
    })
}

const HYPOTHESES: [&str; 9] = [
    "id", "claim", "effect", "ci_low", "ci_high", "p", "p_holm", "n", "verdict",
];

/// `hypotheses.csv`: one row a claim.
pub(crate) fn hypotheses_csv(verdicts: &[Verdict]) -> Result<Vec<u8>, Error> {
    csv_bytes(
        "hypotheses",
        &HYPOTHESES,
        verdicts.iter().map(hypothesis_row),
    )
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
