//! Content from the runs of the study's own grid.

use nodule_analysis::Runs;
use nodule_analysis::Verdict;
use nodule_study::records::Gallery;

use super::{Content, key_findings};
use crate::Error;
use crate::{figures, tables};

/// Returns figures, tables, key findings and the CSV files of every number of every run.
pub(super) fn content(
    runs: &Runs,
    verdicts: &[Verdict],
    gallery: &Gallery,
) -> Result<Content, Error> {
    let ((figures, tables), (files, findings)) = rayon::join(
        || {
            rayon::join(
                || figures::grid_figures(runs, gallery),
                || tables::grid_tables(runs, verdicts),
            )
        },
        || {
            rayon::join(
                || tables::per_run::files(&runs.all, runs.external),
                || key_findings::grid_findings(runs),
            )
        },
    );
    let mut files = files?;
    files.push(tables::verdicts::csv(verdicts)?);
    files.push(tables::run_states::csv(runs)?);
    Ok(Content {
        main_result: figures::main_result::figure(runs)?,
        verdict_counts: key_findings::verdict_counts(runs, verdicts),
        figures: figures?,
        tables: tables?,
        key_findings: findings?,
        files,
        notes: tables::run_states::notes(runs),
        ..Content::default()
    })
}
