//! Cross-validation: metrics over the held-out images of all folds.

use nodule_analysis::cross_validation::CrossValidation;
use nodule_eval::{CrossValidatedMetric, Metric};
use nodule_study::csv::{Column, CsvFile};

use super::formatting::{MISSING, strings};
use super::{Source, Table};
use crate::Error;
use crate::text::with_interval;

/// Metrics of the summary table.
const SHOWN: [Metric; 2] = [Metric::Accuracy, Metric::Auroc];

/// Returns `cross_validation.csv`: one row per training set, loss, classifier, test set and metric.
pub(crate) fn csv(all: &[CrossValidation]) -> Result<CsvFile, Error> {
    type Row<'a> = (&'a CrossValidation, &'a CrossValidatedMetric);
    let rows = all
        .iter()
        .flat_map(|row| row.metrics.iter().map(move |metric| (row, metric)));
    let columns = [
        Column::new("change", |row: &Row| (&row.0.change).into()),
        Column::new("train", |row| (&row.0.train).into()),
        Column::new("loss", |row| (&row.0.loss).into()),
        Column::new("readout", |row| row.0.read_out.to_string().into()),
        Column::new("test", |row| (&row.0.test).into()),
        Column::new("folds", |row| row.0.folds.into()),
        Column::new("all_folds", |row| row.0.all_folds.into()),
        Column::new("seeds", |row| row.0.seeds.into()),
        Column::new("images", |row| row.0.images.into()),
        Column::new("groups", |row| row.0.groups.into()),
        Column::new("metric", |row| row.1.metric.name().into()),
        Column::new("value", |row| row.1.value.into()),
        Column::new("ci_low", |row| row.1.interval.map(|i| i.low).into()),
        Column::new("ci_high", |row| row.1.interval.map(|i| i.high).into()),
    ];
    CsvFile::new("cross_validation", &columns, rows)
}

/// Returns a table with one row per training set, test set, loss and classifier of the study as declared.
pub(crate) fn table(all: &[CrossValidation]) -> Table {
    let row = |row: &CrossValidation| {
        let mut cells = vec![
            format!("`{}`", row.train),
            format!("`{}`", row.test),
            row.loss.clone(),
            row.read_out.to_string(),
        ];
        cells.extend(SHOWN.map(|metric| cell(row, metric)));
        cells.push(format!("{} of {}", row.folds, row.all_folds));
        cells.extend([row.seeds, row.images, row.groups].map(|n| n.to_string()));
        cells
    };
    Table {
        name: "cross_validation".into(),
        caption: "Cross-validation. Each fold of the groups (such as patients) is held out in turn, and the predictions on the held-out images of all folds are taken together. AUROC compares images of the same fold only. 95% intervals over groups (cluster bootstrap), for the seeds with runs of all folds.".into(),
        header: strings(&[
            "trained on", "tested on", "loss", "classifier", "accuracy", "AUROC", "folds", "seeds", "images", "groups",
        ]),
        rows: all.iter().filter(|row| row.change.is_empty()).map(row).collect(),
        source: Source::new("cross_validation", &["train", "test", "loss", "readout"]),
    }
}

/// Returns the metric with its interval.
pub(crate) fn cell(row: &CrossValidation, metric: Metric) -> String {
    let found = row.metrics.iter().find(|m| m.metric == metric);
    found
        .and_then(|m| Some(with_interval(m.value?, m.interval)))
        .unwrap_or_else(|| MISSING.to_owned())
}
