//! Every number of every run as CSV: one row a run, read-out and test, cell, mode, point or layer. An
//! undefined number is an empty field.

use std::path::Path;

use nodule_eval::{Estimate, Metrics, ReadOut};
use serde::Serialize;

use crate::Error;
use crate::csv_text::csv_bytes;
use crate::dose::dose_response;
use crate::folder::write_atomic;
use crate::record::{FinishedRun, LandscapePoint};
use crate::threshold::threshold_loss;

/// The files, without their ending.
const FILES: [&str; 13] = [
    "results",
    "validation",
    "cells",
    "threshold",
    "reliance",
    "flips",
    "dose",
    "landscape",
    "maps",
    "layers",
    "separation",
    "embedding",
    "timeline",
];

/// Writes them all into `folder`.
pub(super) fn write_per_run(runs: &[FinishedRun], folder: &Path) -> Result<(), Error> {
    FILES.iter().try_for_each(|name| {
        let bytes = per_run_csv(name, runs)?.unwrap_or_default();
        write_atomic(&folder.join(format!("{name}.csv")), &bytes)
    })
}

/// One of them; none for a name that is not among them.
pub(crate) fn per_run_csv(name: &str, runs: &[FinishedRun]) -> Result<Option<Vec<u8>>, Error> {
    let runs = runs.iter();
    let bytes = match name {
        "results" => csv_bytes(name, &RESULTS, runs.flat_map(result_rows)),
        "validation" => csv_bytes(name, &VALIDATION, runs.flat_map(validation_rows)),
        "cells" => csv_bytes(name, &CELLS, runs.flat_map(cell_rows)),
        "threshold" => csv_bytes(name, &THRESHOLD, runs.flat_map(threshold_rows)),
        "reliance" => csv_bytes(name, &RELIANCE, runs.flat_map(reliance_rows)),
        "flips" => csv_bytes(name, &FLIPS, runs.flat_map(flip_rows)),
        "dose" => csv_bytes(name, &DOSE, runs.flat_map(dose_rows)),
        "landscape" => csv_bytes(name, &LANDSCAPE, runs.flat_map(landscape_rows)),
        "maps" => csv_bytes(name, &MAPS, runs.flat_map(map_rows)),
        "layers" => csv_bytes(name, &LAYERS, runs.flat_map(layer_rows)),
        "separation" => csv_bytes(name, &SEPARATION, runs.filter_map(separation_row)),
        "embedding" => csv_bytes(name, &EMBEDDING, runs.flat_map(embedding_rows)),
        "timeline" => csv_bytes(name, &TIMELINE, runs.flat_map(timeline_rows)),
        _ => return Ok(None),
    };
    bytes.map(Some)
}

const VALIDATION: [&str; 11] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "n",
    "accuracy",
    "sensitivity",
    "specificity",
    "balanced_accuracy",
    "auroc",
];
const THRESHOLD: [&str; 12] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "test",
    "auroc_lost",
    "balanced_accuracy_lost",
    "lost_by_ranking",
    "lost_by_threshold",
    "best_threshold",
    "validation_best_threshold",
];
const FLIPS: [&str; 8] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "mode",
    "became_abnormal",
    "became_normal",
];
const DOSE: [&str; 9] = [
    "run", "train", "loss", "seed", "readout", "mode", "level", "effect", "abnormal",
];
const LAYERS: [&str; 9] = [
    "run",
    "train",
    "loss",
    "seed",
    "layer",
    "shape",
    "texture",
    "untrained_shape",
    "untrained_texture",
];
const SEPARATION: [&str; 6] = ["run", "train", "loss", "seed", "silhouette", "collapse"];
const EMBEDDING: [&str; 8] = ["run", "train", "loss", "seed", "shape", "texture", "x", "y"];
const TIMELINE: [&str; 13] = [
    "run",
    "train",
    "loss",
    "seed",
    "epoch",
    "validation_accuracy",
    "validation_loss",
    "shape",
    "texture",
    "shape_decoded",
    "texture_decoded",
    "shape_only",
    "texture_only",
];
const RESULTS: [&str; 12] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "test",
    "n",
    "accuracy",
    "sensitivity",
    "specificity",
    "balanced_accuracy",
    "auroc",
];
const CELLS: [&str; 13] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "test",
    "label",
    "shape",
    "texture",
    "n",
    "accuracy",
    "mean_score",
    "ceiling",
];
const RELIANCE: [&str; 8] = [
    "run", "train", "loss", "seed", "readout", "mode", "effect", "flipped",
];
const LANDSCAPE: [&str; 9] = [
    "run", "train", "loss", "seed", "readout", "shape", "texture", "score", "abnormal",
];
const MAPS: [&str; 14] = [
    "run",
    "train",
    "loss",
    "seed",
    "readout",
    "method",
    "n",
    "blank",
    "contour",
    "interior",
    "background",
    "pointing",
    "deletion",
    "insertion",
];
/// What every row of a run begins with.
type Key<'a> = (&'a str, &'a str, &'a str, usize, ReadOut);

fn key(run: &FinishedRun, read_out: ReadOut) -> Key<'_> {
    let r = &run.record;
    (&r.run, &r.train, &r.loss, r.seed, read_out)
}

fn result_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        let tests = r.tests.iter();
        tests.map(move |t| {
            (
                key(run, r.read_out),
                &t.test,
                t.metrics.n,
                rates(&t.metrics),
            )
        })
    })
}

/// Of validation images of the training distribution.
fn validation_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    let read_outs = run.evaluation.read_outs.iter();
    read_outs.map(move |r| {
        let m = &r.validation;
        (key(run, r.read_out), m.n, rates(m))
    })
}

fn rates(m: &Metrics) -> [Option<f64>; 5] {
    let all = [
        m.accuracy,
        m.sensitivity,
        m.specificity,
        m.balanced_accuracy,
        m.auroc,
    ];
    all.map(|estimate| estimate.map(|e: Estimate| e.value))
}

fn cell_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.tests.iter().flat_map(move |t| {
            t.cells.iter().map(move |c| {
                let cell = (c.label, &c.shape, &c.texture, c.n, c.accuracy, c.mean_score);
                (key(run, r.read_out), &t.test, cell, c.ceiling)
            })
        })
    })
}

fn reliance_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.reliance
            .iter()
            .map(move |m| (key(run, r.read_out), &m.mode, m.effect, m.flipped))
    })
}

fn landscape_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        let points = r.landscape.iter();
        points.map(move |p| {
            (
                key(run, r.read_out),
                p.shape,
                p.texture,
                p.score,
                p.abnormal,
            )
        })
    })
}

fn map_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.maps.iter().map(move |m| {
            let ratios = (m.contour, m.interior, m.background);
            let curves = (m.deletion, m.insertion);
            let counts = (m.method.to_string(), m.n, m.blank);
            (key(run, r.read_out), counts, ratios, m.pointing, curves)
        })
    })
}

fn threshold_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        r.tests.iter().filter_map(move |t| {
            let lost = threshold_loss(r, t)?;
            let parts = (
                lost.auroc,
                lost.balanced_accuracy,
                lost.by_ranking,
                lost.by_threshold,
            );
            let bests = (lost.best_threshold, lost.validation_best_threshold);
            Some((key(run, r.read_out), &t.test, parts, bests))
        })
    })
}

fn flip_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation.read_outs.iter().flat_map(move |r| {
        let modes = r.reliance.iter();
        modes.map(move |m| {
            (
                key(run, r.read_out),
                &m.mode,
                m.raised,
                m.flipped - m.raised,
            )
        })
    })
}

fn dose_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    type Level = fn(&LandscapePoint) -> f64;
    let modes: [(&str, Level); 2] = [("shape", |p| p.shape), ("texture", |p| p.texture)];
    run.evaluation.read_outs.iter().flat_map(move |r| {
        modes.into_iter().flat_map(move |(mode, level)| {
            let doses = dose_response(&r.landscape, level).into_iter();
            doses.map(move |d| (key(run, r.read_out), mode, d.level, d.effect, d.abnormal))
        })
    })
}

/// What a row of a run begins with where it is of no read-out.
fn of_run(run: &FinishedRun) -> (&str, &str, &str, usize) {
    let r = &run.record;
    (&r.run, &r.train, &r.loss, r.seed)
}

fn layer_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    let layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
    layers.map(move |l| {
        let decoded = (l.shape, l.texture, l.untrained_shape, l.untrained_texture);
        (of_run(run), &l.layer, decoded)
    })
}

fn separation_row(run: &FinishedRun) -> Option<impl Serialize> {
    let measured = run.evaluation.representation.as_ref()?;
    Some((of_run(run), measured.silhouette, measured.collapse))
}

fn embedding_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    let points = run
        .evaluation
        .representation
        .iter()
        .flat_map(|r| &r.picture);
    points.map(move |p| (of_run(run), p))
}

fn timeline_rows(run: &FinishedRun) -> impl Iterator<Item = impl Serialize> {
    run.evaluation
        .timeline
        .iter()
        .map(move |p| (of_run(run), p))
}
