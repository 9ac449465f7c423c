//! Rows of runs: the columns that every table of runs begins with, written once.

use nodule_eval::ReadOut;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{FinishedRun, ReadOutEvaluation};

use crate::Error;

/// One thing of one run, under one read-out or under none.
pub(super) struct Row<'a, T> {
    run: &'a FinishedRun,
    read_out: Option<ReadOut>,
    pub(super) of: T,
}

/// The file `name`: the run, and `columns` of what `rows` finds in it.
pub(super) fn by_run<'a, T, I: IntoIterator<Item = T>>(
    name: &'static str,
    runs: &[&'a FinishedRun],
    columns: impl IntoIterator<Item = Column<Row<'a, T>>>,
    rows: impl Fn(&'a FinishedRun) -> I,
) -> Result<CsvFile, Error> {
    let mut all = Vec::new();
    for run in runs {
        let read_out = None;
        all.extend(rows(run).into_iter().map(|of| Row { run, read_out, of }));
    }
    let key = key().into_iter().take(4);
    CsvFile::new(name, &key.chain(columns).collect::<Vec<_>>(), all)
}

/// The file `name`: the run and the read-out, and `columns` of what `rows` finds under it.
pub(super) fn by_read_out<'a, T, I: IntoIterator<Item = T>>(
    name: &'static str,
    runs: &[&'a FinishedRun],
    columns: impl IntoIterator<Item = Column<Row<'a, T>>>,
    rows: impl Fn(&'a ReadOutEvaluation) -> I,
) -> Result<CsvFile, Error> {
    let mut all = Vec::new();
    for run in runs {
        for measured in &run.evaluation.read_outs {
            let read_out = Some(measured.read_out);
            let found = rows(measured).into_iter();
            all.extend(found.map(|of| Row { run, read_out, of }));
        }
    }
    CsvFile::new(
        name,
        &key().into_iter().chain(columns).collect::<Vec<_>>(),
        all,
    )
}

/// The read-out comes last: not every row has one.
fn key<'a, T>() -> [Column<Row<'a, T>>; 5] {
    [
        Column::new("run", |row| (&row.run.record.run).into()),
        Column::new("train", |row| (&row.run.record.train).into()),
        Column::new("loss", |row| (&row.run.record.loss).into()),
        Column::new("seed", |row| row.run.record.seed.into()),
        Column::new("readout", |row| row.read_out.map(|r| r.to_string()).into()),
    ]
}
