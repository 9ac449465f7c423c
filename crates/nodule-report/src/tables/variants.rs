//! Every number of the runs of every variant.

use std::collections::BTreeSet;

use nodule_analysis::endpoints::standard_endpoints;
use nodule_analysis::variants::VariantRuns;
use nodule_eval::ReadOut;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::FinishedRun;
use nodule_study::settings::shared_read_outs;

use crate::Error;

/// A number of a run of a variant.
struct Row<'a> {
    variant: &'a str,
    run: &'a FinishedRun,
    read_out: ReadOut,
    measure: String,
    value: Option<f64>,
}

/// Returns `varied.csv`: one row per variant, run, classifier and endpoint. A fold does not list the runs that hold out no
/// groups and that the study as declared lists.
pub(crate) fn csv(variants: &[VariantRuns]) -> Result<CsvFile, Error> {
    let declared = variants
        .first()
        .map_or(&[][..], |declared| &declared.runs.all);
    let declared: BTreeSet<_> = declared.iter().map(|run| &run.record.run).collect();
    let is_shared = |run: &FinishedRun, variant: &VariantRuns| {
        variant.is_fold() && declared.contains(&run.record.run)
    };
    let mut rows = Vec::new();
    for variant in variants {
        let runs = &variant.runs;
        let endpoints = standard_endpoints(runs.all.first().copied());
        for run in runs.all.iter().filter(|run| !is_shared(run, variant)) {
            for read_out in shared_read_outs(&runs.study.read_outs) {
                rows.extend(endpoints.iter().map(|endpoint| Row {
                    variant: &variant.name,
                    run,
                    read_out,
                    measure: endpoint.title(),
                    value: endpoint.value(run, read_out),
                }));
            }
        }
    }
    let columns = [
        Column::new("variant", |row: &Row| row.variant.into()),
        Column::new("run", |row| (&row.run.record.run).into()),
        Column::new("train", |row| (&row.run.record.train).into()),
        Column::new("loss", |row| (&row.run.record.loss).into()),
        Column::new("seed", |row| row.run.record.seed.into()),
        Column::new("readout", |row| row.read_out.to_string().into()),
        Column::new("measure", |row| (&row.measure).into()),
        Column::new("value", |row| row.value.into()),
    ];
    CsvFile::new("varied", &columns, rows)
}
