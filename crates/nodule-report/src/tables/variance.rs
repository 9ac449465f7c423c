//! Variance components between runs with crossed seeds.

use nodule_analysis::variance::{CrossedRun, VarianceRow};
use nodule_eval::ReadOut;
use nodule_study::claims::Endpoint;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::formatting::strings;
use super::{Source, Table};
use crate::Error;
use crate::text::classifier;

/// A number of a run with crossed seeds.
struct Row<'a> {
    crossed: &'a CrossedRun<'a>,
    read_out: ReadOut,
    measure: String,
    value: f64,
}

/// Returns `crossed.csv`: one row per run, classifier and endpoint.
pub(crate) fn csv(
    runs: &[CrossedRun],
    read_outs: &[ReadOut],
    endpoints: &[Endpoint],
) -> Result<CsvFile, Error> {
    let mut rows = Vec::new();
    for crossed in runs {
        for read_out in read_outs {
            rows.extend(endpoints.iter().filter_map(|endpoint| {
                Some(Row {
                    crossed,
                    read_out: *read_out,
                    measure: endpoint.title(),
                    value: endpoint.value(crossed.run, *read_out)?,
                })
            }));
        }
    }
    let columns = [
        Column::new("run", |row: &Row| (&row.crossed.run.record.run).into()),
        Column::new("train", |row| (&row.crossed.run.record.train).into()),
        Column::new("loss", |row| (&row.crossed.run.record.loss).into()),
        Column::new("data_seed", |row| row.crossed.seeds.data.into()),
        Column::new("weights_seed", |row| row.crossed.seeds.weights.into()),
        Column::new("order_seed", |row| row.crossed.seeds.order.into()),
        Column::new("readout", |row| row.read_out.to_string().into()),
        Column::new("measure", |row| (&row.measure).into()),
        Column::new("value", |row| row.value.into()),
    ];
    CsvFile::new("crossed", &columns, rows)
}

/// Returns a table with one row per endpoint and loss; `n` is the number of seeds of each factor.
pub(crate) fn table(rows: &[VarianceRow], n: usize, read_out: ReadOut) -> Table {
    let row = |row: &VarianceRow| {
        let total = row.parts.total();
        let share = |part: f64| match total > 0.0 {
            true => format!("{:.0}%", 100.0 * part / total),
            false => "0%".to_owned(),
        };
        let [data, weights, order] = row.parts.main.map(share);
        let interactions = share(row.parts.pairs.iter().sum::<f64>() + row.parts.rest);
        vec![
            row.train.clone(),
            row.measure.clone(),
            row.loss.clone(),
            format_number(row.mean),
            format!("{:.3}", total.sqrt()),
            data,
            weights,
            order,
            interactions,
            n.pow(3).to_string(),
        ]
    };
    Table {
        name: "variance".into(),
        caption: format!(
            "Variance components between runs. {n} seeds each of data, initial weights and batch order, fully crossed, {}. Standard deviation of a run with all three factors redrawn, and the share of its variance that each factor explains alone; interactions include rounding. Estimates by analysis of variance, rough with {n} seeds of each factor.",
            classifier(read_out)
        ),
        header: strings(&[
            "training set",
            "measure",
            "loss",
            "mean",
            "standard deviation",
            "data",
            "initial weights",
            "batch order",
            "interactions",
            "runs",
        ]),
        rows: rows.iter().map(row).collect(),
        source: Source::new("crossed", &["train", "measure", "loss", "readout"]),
    }
}
