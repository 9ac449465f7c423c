//! Where the variance between runs comes from, in rows.

use nodule_eval::ReadOut;
use nodule_study::claims::Endpoint;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::Table;
use super::cells::texts;
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::variance::{CrossedRun, VarianceRow};

/// One number of one run with crossed seeds.
struct Row<'a> {
    crossed: &'a CrossedRun<'a>,
    read_out: ReadOut,
    measure: String,
    value: f64,
}

/// `crossed.csv`: one row a run, read-out and endpoint.
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

/// One row a number and loss; `n` seeds of each kind, under `read_out`.
pub(crate) fn table(rows: &[VarianceRow], n: usize, read_out: ReadOut) -> Table {
    let row = |row: &VarianceRow| {
        let total = row.parts.total();
        let share = |part: f64| match total > 0.0 {
            true => format!("{:.0}%", 100.0 * part / total),
            false => "0%".to_owned(),
        };
        let [data, weights, order] = row.parts.main.map(share);
        let together = share(row.parts.pairs.iter().sum::<f64>() + row.parts.rest);
        vec![
            row.train.clone(),
            row.measure.clone(),
            row.loss.clone(),
            format_number(row.mean),
            format!("{:.3}", total.sqrt()),
            data,
            weights,
            order,
            together,
            n.pow(3).to_string(),
        ]
    };
    Table {
        source: Source {
            file: "crossed",
            keys: vec![
                ("train", Key::Column(0)),
                ("measure", Key::Column(1)),
                ("loss", Key::Column(2)),
                ("readout", Key::Is(read_out.to_string())),
            ],
            first: 3,
        },
        name: "variance".into(),
        caption: format!(
            "Where the variance between runs comes from: {n} seeds of the data, {n} of the initial weights and {n} of the order of samples, in every combination. Standard deviation of a run with all three drawn anew, and the share of its square that each causes alone and that they cause together (interactions and rounding). Estimates by analysis of variance; with {n} seeds of each kind they are rough."
        ),
        header: texts(&[
            "train",
            "measure",
            "loss",
            "mean",
            "standard deviation",
            "data",
            "weights",
            "order",
            "together",
            "runs",
        ]),
        rows: rows.iter().map(row).collect(),
    }
}
