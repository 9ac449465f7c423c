//! One trained network, measured: every read-out on every test set, its reliance on each mode of
//! variation by counterfactual pairs, its decision landscape, and the scores of its maps.

use ndarray::ArrayView2;
use nodule_eval::{FittedReadOut, ReadOut, best_threshold, fit, metrics, reliance};
use nodule_nn::LeNet;
use nodule_synth::{DataSet, Distribution, ShapeLevel, TextureLevel};
use nodule_train::{Inference, infer};

use crate::Error;
use crate::decision::decision;
use crate::maps::{mapped, score_maps};
use crate::record::{CellEvaluation, ModeReliance, ReadOutEvaluation, TestEvaluation};
use crate::scoring::{Rule, labels, rules, scored_name};
use crate::sets::{Probe, SharedSets};

/// What was measured, and the decisions behind it.
pub(crate) struct Measured {
    pub(crate) read_outs: Vec<ReadOutEvaluation>,
    pub(crate) predictions: Vec<u8>,
}

/// Measures `network` with the read-outs it has (`head` only where the loss trains one), fitted
/// on its training images alone.
pub(crate) fn evaluate(
    run: &str,
    network: &LeNet,
    read_outs: &[ReadOut],
    training: &DataSet,
    validation: &DataSet,
    shared: &SharedSets,
) -> Result<Measured, Error> {
    let train = infer(network, &training.images)?;
    let validated = infer(network, &validation.images)?;
    let tests = shared
        .tests
        .iter()
        .map(|(_, data)| infer(network, &data.images));
    let tests = tests.collect::<Result<Vec<_>, _>>()?;
    let probes = shared
        .probes
        .iter()
        .map(|p| Ok((infer(network, &p.low)?, infer(network, &p.high)?)));
    let probes = probes.collect::<Result<Vec<_>, Error>>()?;

    let landscape = shared.landscape.as_ref();
    let landscape = landscape.map(|l| Ok::<_, Error>((l, infer(network, &l.images)?)));
    let landscape = landscape.transpose()?;
    let mapped = mapped(read_outs);

    let mut predictions = csv::Writer::from_writer(Vec::new());
    let mut all = Vec::new();
    for &read_out in read_outs {
        let fitted = fit(read_out, embeddings(&train)?, &training.labels)?;
        let validation_scores = scores(&fitted, &validated)?;
        let spread = standard_deviation(&validation_scores);
        let mut evaluations = Vec::new();
        for ((distribution, data), inference) in shared.tests.iter().zip(&tests) {
            let scores = scores(&fitted, inference)?;
            for &rule in rules(distribution) {
                evaluations.push(test(distribution, data, rule, &scores, spread)?);
            }
            write_predictions(&mut predictions, run, distribution, data, read_out, &scores)?;
        }
        let reliance = shared
            .probes
            .iter()
            .zip(&probes)
            .map(|(probe, (low, high))| {
                mode_reliance(
                    probe,
                    &scores(&fitted, low)?,
                    &scores(&fitted, high)?,
                    spread,
                )
            });
        let landscape = match &landscape {
            Some((landscape, inference)) => landscape.points(&scores(&fitted, inference)?, spread),
            None => Vec::new(),
        };
        let maps = match &shared.maps {
            Some(data) if mapped == Some(read_out) => {
                score_maps(&decision(network, read_out, &fitted)?, data, spread)?
            }
            _ => Vec::new(),
        };
        all.push(ReadOutEvaluation {
            read_out,
            spread,
            landscape,
            maps,
            validation: metrics(&validation_scores, &validation.labels)?,
            validation_best: best_threshold(&validation_scores, &validation.labels)?,
            tests: evaluations,
            reliance: reliance.collect::<Result<_, _>>()?,
        });
    }
    let predictions = predictions.into_inner().map_err(|e| record_error(&e))?;
    Ok(Measured {
        read_outs: all,
        predictions,
    })
}

/// One row an image.
pub(crate) fn embeddings(inference: &Inference) -> Result<ArrayView2<'_, f32>, Error> {
    view(&inference.embeddings, inference.dimension)
}

fn view(values: &[f32], columns: usize) -> Result<ArrayView2<'_, f32>, Error> {
    let shape = (values.len() / columns, columns);
    ArrayView2::from_shape(shape, values).map_err(|e| record_error(&e))
}

/// Decision values of a read-out.
pub(crate) fn scores(fitted: &FittedReadOut, inference: &Inference) -> Result<Vec<f32>, Error> {
    Ok(fitted.scores(embeddings(inference)?, view(&inference.logits, 2)?)?)
}

/// Of a population: the set is the whole of what was drawn.
pub(crate) fn standard_deviation(scores: &[f32]) -> f64 {
    let n = scores.len() as f64;
    let mean = scores.iter().map(|s| f64::from(*s)).sum::<f64>() / n;
    (scores
        .iter()
        .map(|s| (f64::from(*s) - mean).powi(2))
        .sum::<f64>()
        / n)
        .sqrt()
}

fn test(
    distribution: &Distribution,
    data: &DataSet,
    rule: Rule,
    scores: &[f32],
    spread: f64,
) -> Result<TestEvaluation, Error> {
    let labels = labels(data, rule);
    Ok(TestEvaluation {
        test: scored_name(&distribution.name, rule),
        metrics: metrics(scores, &labels)?,
        best: best_threshold(scores, &labels)?,
        cells: cells(data, &labels, scores, spread, |shape, texture| match rule {
            Rule::Declared => distribution.ceiling(shape, texture).unwrap_or(1.0),
            // The label is the level itself.
            Rule::Shape | Rule::Texture => 1.0,
        }),
    })
}

/// The cells that occur, by label, shape and texture.
fn cells(
    data: &DataSet,
    labels: &[u8],
    scores: &[f32],
    spread: f64,
    ceiling: impl Fn(ShapeLevel, TextureLevel) -> f64,
) -> Vec<CellEvaluation> {
    let name = |i: usize| (labels[i], data.cells[i].shape, data.cells[i].texture);
    let mut groups = std::collections::BTreeMap::<_, Vec<usize>>::new();
    for i in 0..labels.len() {
        groups.entry(name(i)).or_default().push(i);
    }
    let cell = |((label, shape, texture), members): (_, Vec<usize>)| {
        let n = members.len();
        let right = members
            .iter()
            .filter(|&&i| u8::from(scores[i] > 0.0) == label)
            .count();
        let sum: f64 = members.iter().map(|&i| f64::from(scores[i])).sum();
        let unit = if spread > 0.0 { spread } else { 1.0 };
        let (accuracy, mean_score) = (right as f64 / n as f64, sum / n as f64 / unit);
        CellEvaluation {
            ceiling: ceiling(shape, texture),
            shape: shape.to_string(),
            texture: texture.to_string(),
            label,
            n,
            accuracy,
            mean_score,
        }
    };
    groups.into_iter().map(cell).collect()
}

fn mode_reliance(
    probe: &Probe,
    low: &[f32],
    high: &[f32],
    spread: f64,
) -> Result<ModeReliance, Error> {
    let measured = reliance(low, high, spread)?;
    Ok(ModeReliance {
        mode: probe.mode.to_string(),
        effect: measured.effect,
        flipped: measured.flipped,
        raised: measured.raised,
    })
}

#[derive(serde::Serialize)]
struct Prediction<'a> {
    run: &'a str,
    test: &'a str,
    index: usize,
    label: u8,
    shape: f64,
    texture: f64,
    readout: &'a str,
    score: f32,
    predicted: u8,
}

/// One row an image. The label is the distribution's own; for `conflict` that is the shape rule.
fn write_predictions(
    out: &mut csv::Writer<Vec<u8>>,
    run: &str,
    distribution: &Distribution,
    data: &DataSet,
    read_out: ReadOut,
    scores: &[f32],
) -> Result<(), Error> {
    let readout = read_out.to_string();
    for (index, &score) in scores.iter().enumerate() {
        let (label, latents) = (data.labels[index], &data.latents[index]);
        let row = Prediction {
            run,
            test: &distribution.name,
            index,
            label,
            shape: latents.shape,
            texture: latents.texture,
            readout: &readout,
            score,
            predicted: u8::from(score > 0.0),
        };
        out.serialize(row).map_err(|e| record_error(&e))?;
    }
    Ok(())
}

fn record_error(error: &impl std::fmt::Display) -> Error {
    Error::Record {
        path: "predictions.csv".into(),
        reason: error.to_string(),
    }
}
