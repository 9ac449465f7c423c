//! Builds CSV files with one row per record of a run, after the key columns run, train, loss, seed and readout.

use nodule_eval::ReadOut;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{FinishedRun, ReadOutEvaluation};

use crate::Error;

/// A record of a run, with one classifier or with none.
pub(super) struct Row<'a, T> {
    run: &'a FinishedRun,
    read_out: Option<ReadOut>,
    pub(super) record: T,
}

/// Returns the file `name` with one row per item of `records(run)`.
pub(super) fn csv_per_run<'a, T, I: IntoIterator<Item = T>>(
    name: &'static str,
    runs: &[&'a FinishedRun],
    columns: impl IntoIterator<Item = Column<Row<'a, T>>>,
    records: impl Fn(&'a FinishedRun) -> I,
) -> Result<CsvFile, Error> {
    let rows = runs.iter().flat_map(|run| {
        let records = records(run).into_iter();
        records.map(move |record| Row {
            run,
            read_out: None,
            record,
        })
    });
    let columns: Vec<_> = key_columns().into_iter().take(4).chain(columns).collect();
    CsvFile::new(name, &columns, rows)
}

/// Returns the file `name` with one row per item of `records(classifier)`, for each classifier of each run.
pub(super) fn csv_per_classifier<'a, T, I: IntoIterator<Item = T>>(
    name: &'static str,
    runs: &[&'a FinishedRun],
    columns: impl IntoIterator<Item = Column<Row<'a, T>>>,
    records: impl Fn(&'a ReadOutEvaluation) -> I,
) -> Result<CsvFile, Error> {
    let mut rows = Vec::new();
    for run in runs {
        for evaluation in &run.evaluation.read_outs {
            let read_out = Some(evaluation.read_out);
            rows.extend(records(evaluation).into_iter().map(|record| Row {
                run,
                read_out,
                record,
            }));
        }
    }
    let columns: Vec<_> = key_columns().into_iter().chain(columns).collect();
    CsvFile::new(name, &columns, rows)
}

/// The classifier is last, because some files do not have it.
fn key_columns<'a, T>() -> [Column<Row<'a, T>>; 5] {
    [
        Column::new("run", |row| (&row.run.record.run).into()),
        Column::new("train", |row| (&row.run.record.train).into()),
        Column::new("loss", |row| (&row.run.record.loss).into()),
        Column::new("seed", |row| row.run.record.seed.into()),
        Column::new("readout", |row| row.read_out.map(|r| r.to_string()).into()),
    ]
}
