//! Records as columns for pandas and polars: names as lists, numbers as arrays, NaN for undefined numbers.

use nodule_analysis::Verdict;
use nodule_battery::Audit;
use nodule_error::{invalid_value, one_of};
use nodule_eval::{Metric, Metrics};
use nodule_study::records::{FinishedRun, ReadOutEvaluation};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::error::value_error;

/// Names of the tables.
const TABLES: [&str; 6] = [
    "accuracy",
    "validation",
    "reliance",
    "landscape",
    "maps",
    "layers",
];

/// A table under construction: columns of names, then columns of numbers.
#[derive(Default)]
struct Table {
    texts: Vec<(String, Vec<String>)>,
    numbers: Vec<(String, Vec<f64>)>,
}

impl Table {
    fn text(&mut self, column: &str, value: impl ToString) {
        append(&mut self.texts, column, value.to_string());
    }

    fn number(&mut self, column: &str, value: impl Into<Option<f64>>) {
        append(&mut self.numbers, column, value.into().unwrap_or(f64::NAN));
    }

    /// Appends the columns that identify a run.
    fn run(&mut self, run: &FinishedRun) {
        self.text("model", &run.record.loss);
        self.text("train", &run.record.train);
        self.number("seed", run.record.seed as f64);
    }

    fn read_out(&mut self, run: &FinishedRun, measured: &ReadOutEvaluation) {
        self.run(run);
        self.text("read_out", measured.read_out);
    }

    fn metrics(&mut self, metrics: &Metrics) {
        self.number("n", metrics.n as f64);
        for metric in Metric::ALL {
            let (name, estimate) = (metric.name(), metrics.get(metric));
            self.number(name, estimate.map(|e| e.value));
            self.number(&format!("{name}_low"), estimate.map(|e| e.low));
            self.number(&format!("{name}_high"), estimate.map(|e| e.high));
        }
    }

    fn into_dict(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let columns = PyDict::new(py);
        for (name, values) in self.texts {
            columns.set_item(name, PyList::new(py, values)?)?;
        }
        for (name, values) in self.numbers {
            columns.set_item(name, PyArray1::from_vec(py, values))?;
        }
        Ok(columns)
    }
}

/// Appends a value to the column `name`, which is created if it is absent.
fn append<T>(columns: &mut Vec<(String, Vec<T>)>, name: &str, value: T) {
    match columns.iter_mut().find(|column| column.0 == name) {
        Some((_, values)) => values.push(value),
        None => columns.push((name.to_owned(), vec![value])),
    }
}

/// Returns the columns of a table.
pub(crate) fn columns<'py>(
    py: Python<'py>,
    audit: &Audit,
    name: &str,
) -> PyResult<Bound<'py, PyDict>> {
    if !TABLES.contains(&name) {
        return Err(value_error(invalid_value("table", name, one_of(TABLES))));
    }
    let mut table = Table::default();
    for run in &audit.runs {
        for measured in &run.evaluation.read_outs {
            append_rows(&mut table, name, run, measured);
        }
        let represented = run.evaluation.representation.iter();
        let layers = represented
            .flat_map(|r| &r.layers)
            .filter(|_| name == "layers");
        for layer in layers {
            table.run(run);
            table.text("layer", &layer.layer);
            table.number("shape", layer.shape);
            table.number("texture", layer.texture);
        }
    }
    table.into_dict(py)
}

/// Appends the rows of one classifier on the embedding, or of the head.
fn append_rows(table: &mut Table, name: &str, run: &FinishedRun, measured: &ReadOutEvaluation) {
    match name {
        "accuracy" => {
            for test in &measured.tests {
                table.read_out(run, measured);
                table.text("test", &test.test);
                table.metrics(&test.metrics);
            }
        }
        "validation" => {
            table.read_out(run, measured);
            table.number("spread", measured.score_sd.value());
            table.metrics(&measured.validation);
        }
        "reliance" => {
            for mode in &measured.reliance {
                table.read_out(run, measured);
                table.text("mode", mode.mode);
                table.number("effect", mode.effect);
                table.number("flipped", mode.flipped);
                table.number("became_abnormal", mode.raised);
                table.number("became_normal", mode.flipped - mode.raised);
                let effect = mode.intervals.map(|i| i.effect);
                let flipped = mode.intervals.map(|i| i.flipped);
                table.number("effect_low", effect.map(|i| i.low));
                table.number("effect_high", effect.map(|i| i.high));
                table.number("flipped_low", flipped.map(|i| i.low));
                table.number("flipped_high", flipped.map(|i| i.high));
                let raised = mode.intervals.map(|i| i.became_abnormal);
                let lowered = mode.intervals.map(|i| i.became_normal);
                table.number("became_abnormal_low", raised.map(|i| i.low));
                table.number("became_abnormal_high", raised.map(|i| i.high));
                table.number("became_normal_low", lowered.map(|i| i.low));
                table.number("became_normal_high", lowered.map(|i| i.high));
            }
        }
        "landscape" => {
            for point in &measured.decision_surface {
                table.read_out(run, measured);
                table.number("shape", point.shape);
                table.number("texture", point.texture);
                table.number("score", point.score);
                table.number("abnormal", point.abnormal);
                let score = point.intervals.map(|i| i.score);
                let abnormal = point.intervals.map(|i| i.abnormal);
                table.number("score_low", score.map(|i| i.low));
                table.number("score_high", score.map(|i| i.high));
                table.number("abnormal_low", abnormal.map(|i| i.low));
                table.number("abnormal_high", abnormal.map(|i| i.high));
            }
        }
        "maps" => {
            for scores in &measured.maps {
                table.read_out(run, measured);
                table.text("method", scores.method);
                table.number("n", scores.n as f64);
                table.number("blank", scores.blank as f64);
                table.number("contour", scores.contour);
                table.number("interior", scores.interior);
                table.number("background", scores.background);
                table.number("pointing", scores.pointing_game);
            }
        }
        _ => {}
    }
}

/// Returns the verdicts as columns.
pub(crate) fn verdicts<'py>(py: Python<'py>, verdicts: &[Verdict]) -> PyResult<Bound<'py, PyDict>> {
    let mut table = Table::default();
    for verdict in verdicts {
        table.text("claim", &verdict.id);
        table.text("words", &verdict.claim);
        table.text("verdict", verdict.ruling_text());
        table.text("measure", &verdict.measure);
        table.number("effect", verdict.effect);
        table.number("low", verdict.interval.map(|i| i.low));
        table.number("high", verdict.interval.map(|i| i.high));
        table.number("p_holm", verdict.p_holm);
        table.number("n", verdict.n as f64);
    }
    table.into_dict(py)
}
