//! Evaluation of one external model from its predictions, for each read-out that they allow.

use ndarray::ArrayView2;
use nodule_eval::{FittedReadOut, ReadOut, reliance_intervals, surface_intervals};
use nodule_seed::{derive, hex};
use nodule_study::Error;
use nodule_study::plan::{SeedNumbers, build_versions, derive_run_seeds};
use nodule_study::records::{
    Evaluation, FinishedRun, ReadOutEvaluation, Representation, RunRecord, Timings,
};
use nodule_synth::{DataSet, Mode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Model;
use crate::scores::{
    DecisionScores, Layer, PredictionsCsv, evaluate_read_out, evaluate_representation,
    score_method_maps,
};
use crate::sets::SharedSets;
use crate::{Battery, Predictions, Set, SetKind};

/// Returns the model's record and its `predictions.csv`. `maps` are the rendered images of the set `maps`.
pub(super) fn evaluate_model(
    battery: &Battery,
    shared: &SharedSets,
    maps: Option<&DataSet>,
    model: &Model,
) -> Result<(FinishedRun, Vec<u8>), Error> {
    let sets = ModelSets::new(battery, model);
    let settings = run_settings(battery, model);
    let id = hex(&Sha256::digest(settings.to_string())[..8]);
    let mut csv = PredictionsCsv::new(&id);
    let mut read_outs = Vec::new();
    let predictions = &model.predictions;
    for read_out in available_read_outs(battery, predictions) {
        let scores = sets.decision_scores(read_out, predictions)?;
        for (set, scores) in shared.tests.iter().zip(&scores.tests) {
            csv.add(set, read_out, scores)?;
        }
        let mut evaluation = evaluate_read_out(read_out, &scores, &sets.labels, shared)?;
        add_intervals(&mut evaluation, &scores)?;
        // Maps belong to the first read-out: the model's own decision if it has one.
        if let Some(images) = maps.filter(|_| read_outs.is_empty()) {
            let maps = predictions.maps.iter();
            evaluation.maps = maps
                .map(|(method, values)| score_method_maps(*method, images, values))
                .collect::<Result<_, _>>()?;
        }
        read_outs.push(evaluation);
    }
    let csv = csv.finish()?;
    let run = FinishedRun {
        record: run_record(battery, model, id, settings),
        history: Vec::new(),
        evaluation: Evaluation {
            read_outs,
            representation: sets.representation(predictions, shared)?,
            timeline: Vec::new(),
        },
    };
    Ok((run, csv))
}

/// Adds the intervals of reliance over the pairs, and of the decision surface over its latents. Their resampling depends
/// on nothing but the mode, and the number of pairs or latents.
fn add_intervals(evaluation: &mut ReadOutEvaluation, scores: &DecisionScores) -> Result<(), Error> {
    let score_sd = evaluation.score_sd;
    for (reliance, [low, high]) in evaluation.reliance.iter_mut().zip(&scores.pairs) {
        let seed = derive(0, &["audit", "intervals", &reliance.mode.to_string()]);
        reliance.intervals = reliance_intervals(low, high, score_sd, seed)?;
    }
    let surface = &mut evaluation.decision_surface;
    let scores = scores.plane.as_deref().unwrap_or_default();
    let latents = scores.len() / surface.len().max(1);
    let seed = derive(0, &["audit", "intervals", "landscape"]);
    for (point, scores) in surface.iter_mut().zip(scores.chunks(latents.max(1))) {
        point.intervals = surface_intervals(scores, score_sd, seed)?;
    }
    Ok(())
}

/// Returns the model's own decision if it gives scores, then the study's classifiers of the embedding if it gives
/// embeddings.
fn available_read_outs(battery: &Battery, predictions: &Predictions) -> Vec<ReadOut> {
    let study = &battery.resolved_study().study.read_outs;
    ReadOut::ALL
        .into_iter()
        .filter(|read_out| match read_out.needs_head() {
            true => !predictions.scores.is_empty(),
            false => !predictions.embeddings.is_empty() && study.contains(read_out),
        })
        .collect()
}

/// Names of a model's sets, by purpose.
struct ModelSets<'a> {
    training: Option<&'a Set>,
    validation: String,
    /// Labels of the validation images.
    labels: Vec<u8>,
    tests: Vec<String>,
    has_plane: bool,
}

impl<'a> ModelSets<'a> {
    fn new(battery: &'a Battery, model: &Model) -> Self {
        let sets: Vec<_> = battery.sets_for_model(&model.train, model.seed).collect();
        let find = |is: fn(&SetKind) -> bool| sets.iter().copied().find(|set| is(&set.kind));
        let validation = find(|kind| matches!(kind, SetKind::Validation(..)));
        let is_test = |set: &&&Set| matches!(set.kind, SetKind::Test(_));
        Self {
            training: find(|kind| matches!(kind, SetKind::Training(..))),
            validation: validation.map(Set::name).unwrap_or_default(),
            labels: validation.map(Set::labels).unwrap_or_default(),
            tests: sets.iter().filter(is_test).map(|set| set.name()).collect(),
            has_plane: find(|kind| *kind == SetKind::Plane).is_some(),
        }
    }

    /// Returns the decision scores of a read-out on every set.
    fn decision_scores(
        &self,
        read_out: ReadOut,
        predictions: &Predictions,
    ) -> Result<DecisionScores, Error> {
        let fitted = match read_out.needs_head() {
            true => None,
            false => Some(self.fit(read_out, predictions)?),
        };
        let scores = |set: &str| match &fitted {
            None => predictions
                .scores
                .get(set)
                .cloned()
                .ok_or_else(|| missing(set)),
            Some(fitted) => Ok(fitted.scores(embeddings(predictions, set)?, None)?),
        };
        let pair = |mode: Mode| {
            let [low, high] = [SetKind::Low(mode), SetKind::High(mode)];
            Ok::<_, Error>([scores(&low.to_string())?, scores(&high.to_string())?])
        };
        let tests = self.tests.iter().map(|set| scores(set));
        let plane = SetKind::Plane.to_string();
        Ok(DecisionScores {
            validation: scores(&self.validation)?,
            tests: tests.collect::<Result<_, _>>()?,
            pairs: Mode::ALL.into_iter().map(pair).collect::<Result<_, _>>()?,
            plane: self.has_plane.then(|| scores(&plane)).transpose()?,
        })
    }

    /// Fits a classifier on the embeddings of the training images.
    fn fit(&self, read_out: ReadOut, predictions: &Predictions) -> Result<FittedReadOut, Error> {
        let training = self.training.ok_or_else(|| missing("training"))?;
        let rows = embeddings(predictions, &training.name())?;
        Ok(read_out.fit(rows, &training.labels())?)
    }

    /// Returns the evaluation of the embedding; `None` without embeddings, or if the study does not evaluate it.
    fn representation(
        &self,
        predictions: &Predictions,
        shared: &SharedSets,
    ) -> Result<Option<Representation>, Error> {
        let rows = predictions
            .embeddings
            .get(&SetKind::Representation.to_string());
        let Some((data, rows)) = shared.representation.as_ref().zip(rows) else {
            return Ok(None);
        };
        let layer = Layer {
            name: "embedding".to_owned(),
            rows: rows.clone(),
            untrained: None,
        };
        let validation = embeddings(predictions, &self.validation)?;
        evaluate_representation(&[layer], data, None, (validation, &self.labels)).map(Some)
    }
}

fn embeddings<'a>(predictions: &'a Predictions, set: &str) -> Result<ArrayView2<'a, f32>, Error> {
    let rows = predictions.embeddings.get(set);
    Ok(rows.ok_or_else(|| missing(set))?.view())
}

/// Error for predictions that are not complete, which `audit` excludes before it evaluates any.
fn missing(set: &str) -> Error {
    Error::cannot_make("the evaluation", format!("no predictions for {set}"))
}

/// Returns the settings of `run.json`: everything that changes the numbers.
fn run_settings(battery: &Battery, model: &Model) -> Value {
    let train = battery.train().iter().find(|d| d.name == model.train);
    json!({
        "battery": battery.id(),
        "model": model.name,
        "train": train,
        "seed": model.seed,
        "answers_sha256": hash_predictions(&model.predictions),
    })
}

fn hash_predictions(predictions: &Predictions) -> String {
    let mut hasher = Sha256::new();
    let mut add = |name: &str, values: &mut dyn Iterator<Item = &f32>| {
        hasher.update(name.as_bytes());
        for value in values {
            hasher.update(value.to_le_bytes());
        }
    };
    for (name, values) in &predictions.scores {
        add(&format!("decision/{name}"), &mut values.iter());
    }
    for (name, rows) in &predictions.embeddings {
        add(&format!("embedding/{name}"), &mut rows.iter());
    }
    for (method, values) in &predictions.maps {
        add(&format!("map/{method}"), &mut values.iter());
    }
    hex(hasher.finalize())
}

fn run_record(battery: &Battery, model: &Model, id: String, settings: Value) -> RunRecord {
    let root = battery.resolved_study().study.root_seed;
    RunRecord {
        run: id,
        train: model.train.clone(),
        loss: model.name.clone(),
        seed: model.seed,
        settings,
        seeds: derive_run_seeds(root, SeedNumbers::all(model.seed), &model.train),
        versions: build_versions(),
        device: "elsewhere".to_owned(),
        threads: 0,
        machine: String::new(),
        started_unix_s: 0.0,
        timings: Timings {
            generate_s: 0.0,
            train_s: 0.0,
            evaluate_s: 0.0,
        },
    }
}
