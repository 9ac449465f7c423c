//! Where the variance between runs comes from: data, initial weights and order of samples, crossed.

use ndarray::Array3;
use nodule_eval::{ReadOut, mean_sd, variance_components};

use super::{endpoints, shared_read_outs};
use crate::Error;
use crate::csv_text::csv_bytes;
use crate::extra::Extra;
use crate::figures::variance::{VarianceRow, figure};
use crate::hypotheses::{quantity, value};
use crate::load::Resolved;
use crate::numbers::number;
use crate::output::Output;
use crate::plan::{SeedNumbers, crossed};
use crate::record::FinishedRun;
use crate::settings::{Crossed, Endpoint};
use crate::source::{Key, Source};
use crate::table::Table;
use crate::tables::texts;

type Runs = Vec<(SeedNumbers, FinishedRun)>;

/// Nothing where the study crosses no seeds or not all such runs are finished.
pub(super) fn extra(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
) -> Result<Extra, Error> {
    let Some(wanted) = &resolved.study.crossed else {
        return Ok(Extra::default());
    };
    let specs = crossed(resolved, device_kind);
    let mut runs: Runs = Vec::new();
    for spec in &specs {
        let numbers = spec.crossed.unwrap_or(SeedNumbers::all(spec.seed));
        if let Some(run) = output.read(spec) {
            runs.push((numbers, run?));
        }
    }
    let (n, planned) = (wanted.seeds, specs.len());
    let note = format!(
        "Seeds of data, weights and order are crossed, {n} x {n} x {n}: {} of {planned} such runs are there.",
        runs.len()
    );
    let read_out = shared_read_outs(&resolved.study).first().copied();
    let rows = match read_out {
        Some(read_out) if runs.len() == planned => rows(wanted, &runs, read_out),
        _ => Vec::new(),
    };
    let mut extra = Extra {
        csv: vec![("crossed".into(), csv(&resolved.study.read_outs, &runs)?)],
        notes: vec![note],
        ..Extra::default()
    };
    if !rows.is_empty() {
        extra.figures.push(figure(&rows, n));
        extra.tables.extend(read_out.map(|r| table(&rows, n, r)));
    }
    Ok(extra)
}

fn rows(wanted: &Crossed, runs: &Runs, read_out: ReadOut) -> Vec<VarianceRow> {
    let measured: Vec<_> = runs.iter().map(|(_, run)| run.clone()).take(1).collect();
    let mut rows = Vec::new();
    for train in &wanted.train {
        for endpoint in endpoints(&measured) {
            for loss in &wanted.losses {
                rows.extend(row(wanted, runs, train, &endpoint, loss, read_out));
            }
        }
    }
    rows
}

fn row(
    wanted: &Crossed,
    runs: &Runs,
    train: &str,
    endpoint: &Endpoint,
    loss: &str,
    read_out: ReadOut,
) -> Option<VarianceRow> {
    let n = wanted.seeds;
    let mut values = Array3::from_elem((n, n, n), f64::NAN);
    for (s, run) in runs {
        if run.record.train == train && run.record.loss == loss {
            values[[s.data, s.weights, s.order]] = value(run, endpoint, read_out)?;
        }
    }
    let all: Vec<f64> = values.iter().copied().collect();
    Some(VarianceRow {
        train: train.to_owned(),
        measure: quantity(endpoint),
        loss: loss.to_owned(),
        mean: mean_sd(&all)?.0,
        parts: variance_components(values.view())?,
    })
}

fn table(rows: &[VarianceRow], n: usize, read_out: ReadOut) -> Table {
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
            number(row.mean),
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

fn csv(read_outs: &[ReadOut], runs: &Runs) -> Result<Vec<u8>, Error> {
    let measured: Vec<_> = runs.iter().map(|(_, run)| run.clone()).take(1).collect();
    let endpoints = endpoints(&measured);
    let rows = runs.iter().flat_map(|(seeds, run)| {
        let r = &run.record;
        let endpoints = &endpoints;
        read_outs.iter().flat_map(move |read_out| {
            endpoints.iter().filter_map(move |endpoint| {
                let value = value(run, endpoint, *read_out)?;
                let key = (&r.run, &r.train, &r.loss);
                let seeds = (seeds.data, seeds.weights, seeds.order);
                Some((key, seeds, *read_out, quantity(endpoint), value))
            })
        })
    });
    csv_bytes("crossed", &CROSSED, rows)
}

const CROSSED: [&str; 9] = [
    "run",
    "train",
    "loss",
    "data_seed",
    "weights_seed",
    "order_seed",
    "readout",
    "measure",
    "value",
];
