//! One model, measured: its answers as decision values of each read-out that it has.

use ndarray::ArrayView2;
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_seed::hex;
use nodule_study::Error;
use nodule_study::plan::{SeedNumbers, derive_run_seeds, versions};
use nodule_study::records::{Evaluation, FinishedRun, RunRecord, Timings};
use nodule_synth::{DataSet, Mode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Model;
use crate::scores::{Decided, Layer, Predictions, evaluate, map_scores, representation};
use crate::sets::SharedSets;
use crate::{Answers, Battery, Set, SetKind};

/// Its record, and `predictions.csv`.
pub(super) fn measured(
    battery: &Battery,
    shared: &SharedSets,
    maps: Option<&DataSet>,
    model: &Model,
) -> Result<(FinishedRun, Vec<u8>), Error> {
    let asked = Asked::new(battery, model);
    let settings = settings(battery, model);
    let id = hex(&Sha256::digest(settings.to_string())[..8]);
    let mut predictions = Predictions::new(&id);
    let mut read_outs = Vec::new();
    let answers = &model.answers;
    for read_out in read_outs_of(battery, answers) {
        let decided = asked.decided(read_out, answers)?;
        for (set, decided) in shared.tests.iter().zip(&decided.tests) {
            predictions.add(set, read_out, decided)?;
        }
        let is_mapped = read_outs.is_empty();
        let mut measured = evaluate(read_out, &decided, &asked.labels, shared)?;
        if let Some(data) = maps.filter(|_| is_mapped) {
            let scored = answers.maps.iter();
            let scored = scored.map(|(method, values)| map_scores(*method, data, values));
            measured.maps = scored.collect::<Result<_, _>>()?;
        }
        read_outs.push(measured);
    }
    let predictions = predictions.finish()?;
    let run = FinishedRun {
        record: record(battery, model, id, settings),
        history: Vec::new(),
        evaluation: Evaluation {
            read_outs,
            representation: asked.representation(answers, shared)?,
            timeline: Vec::new(),
        },
    };
    Ok((run, predictions))
}

/// The decision of its own first, whose maps are scored, then the study's read-outs of embeddings.
fn read_outs_of(battery: &Battery, answers: &Answers) -> Vec<ReadOut> {
    let of_study = &battery.resolved().study.read_outs;
    let all = ReadOut::ALL
        .into_iter()
        .filter(|read_out| match read_out.needs_head() {
            true => !answers.decisions.is_empty(),
            false => !answers.embeddings.is_empty() && of_study.contains(read_out),
        });
    all.collect()
}

/// What a model is asked, by purpose.
struct Asked<'a> {
    training: Option<&'a Set>,
    validation: String,
    labels: Vec<u8>,
    tests: Vec<String>,
    has_landscape: bool,
}

impl<'a> Asked<'a> {
    fn new(battery: &'a Battery, model: &Model) -> Self {
        let sets: Vec<_> = battery.asked(&model.train, model.seed).collect();
        let find = |of: fn(&SetKind) -> bool| sets.iter().copied().find(|set| of(&set.kind));
        let validation = find(|kind| matches!(kind, SetKind::Validation(..)));
        let tests = sets
            .iter()
            .filter(|set| matches!(set.kind, SetKind::Test(_)));
        Self {
            training: find(|kind| matches!(kind, SetKind::Training(..))),
            validation: validation.map(Set::name).unwrap_or_default(),
            labels: validation.map(Set::labels).unwrap_or_default(),
            tests: tests.map(|set| set.name()).collect(),
            has_landscape: find(|kind| *kind == SetKind::Landscape).is_some(),
        }
    }

    /// Decision values of a read-out on every set.
    fn decided(&self, read_out: ReadOut, answers: &Answers) -> Result<Decided, Error> {
        let fitted = match read_out.needs_head() {
            true => None,
            false => Some(self.fitted(read_out, answers)?),
        };
        let of = |set: &str| match &fitted {
            None => answers
                .decisions
                .get(set)
                .cloned()
                .ok_or_else(|| missing(set)),
            Some(fitted) => {
                let rows = embeddings(answers, set)?;
                Ok(fitted.scores(rows, None)?)
            }
        };
        let ends = |mode: Mode| {
            let [low, high] = [SetKind::Low(mode), SetKind::High(mode)];
            Ok::<_, Error>([of(&low.to_string())?, of(&high.to_string())?])
        };
        let landscape = SetKind::Landscape.to_string();
        Ok(Decided {
            validation: of(&self.validation)?,
            tests: self
                .tests
                .iter()
                .map(|set| of(set))
                .collect::<Result<_, _>>()?,
            pairs: Mode::ALL.into_iter().map(ends).collect::<Result<_, _>>()?,
            landscape: self.has_landscape.then(|| of(&landscape)).transpose()?,
        })
    }

    fn fitted(&self, read_out: ReadOut, answers: &Answers) -> Result<FittedReadOut, Error> {
        let training = self.training.ok_or_else(|| missing("training"))?;
        let rows = embeddings(answers, &training.name())?;
        Ok(read_out.fit(rows, &training.labels())?)
    }

    /// What the embedding holds; none without embeddings, or where the study does not ask.
    fn representation(
        &self,
        answers: &Answers,
        shared: &SharedSets,
    ) -> Result<Option<nodule_study::records::Representation>, Error> {
        let name = SetKind::Representation.to_string();
        let Some((data, rows)) = shared
            .representation
            .as_ref()
            .zip(answers.embeddings.get(&name))
        else {
            return Ok(None);
        };
        let layer = Layer {
            name: "embedding".to_owned(),
            rows: rows.clone(),
            untrained: None,
        };
        let validated = embeddings(answers, &self.validation)?;
        representation(&[layer], data, None, (validated, &self.labels)).map(Some)
    }
}

fn embeddings<'a>(answers: &'a Answers, set: &str) -> Result<ArrayView2<'a, f32>, Error> {
    let rows = answers.embeddings.get(set).ok_or_else(|| missing(set))?;
    Ok(rows.view())
}

/// Answers were checked to be whole before anything is measured.
fn missing(set: &str) -> Error {
    Error::made("a measurement", format!("there are no answers for {set}"))
}

/// Everything that changes the numbers, as `run.json` holds it.
fn settings(battery: &Battery, model: &Model) -> Value {
    let train = battery.train().iter().find(|d| d.name == model.train);
    json!({
        "battery": battery.id(),
        "model": model.name,
        "train": train,
        "seed": model.seed,
        "answers_sha256": answers_hash(&model.answers),
    })
}

fn answers_hash(answers: &Answers) -> String {
    let mut hasher = Sha256::new();
    let mut add = |name: &str, values: &mut dyn Iterator<Item = &f32>| {
        hasher.update(name.as_bytes());
        for value in values {
            hasher.update(value.to_le_bytes());
        }
    };
    for (name, values) in &answers.decisions {
        add(&format!("decision/{name}"), &mut values.iter());
    }
    for (name, rows) in &answers.embeddings {
        add(&format!("embedding/{name}"), &mut rows.iter());
    }
    for (method, values) in &answers.maps {
        add(&format!("map/{method}"), &mut values.iter());
    }
    hex(hasher.finalize())
}

fn record(battery: &Battery, model: &Model, id: String, settings: Value) -> RunRecord {
    let root = battery.resolved().study.root_seed;
    RunRecord {
        run: id,
        train: model.train.clone(),
        loss: model.name.clone(),
        seed: model.seed,
        settings,
        seeds: derive_run_seeds(root, SeedNumbers::all(model.seed), &model.train),
        versions: versions(),
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
