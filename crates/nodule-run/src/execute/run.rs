//! One run: draw, train, measure, and leave it all in its folder.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{Error, Models};
use candle_core::Device;
use nodule_battery::sets::SharedSets;
use nodule_nn::Network;
use nodule_study::plan::build_versions;
use nodule_study::records::{Evaluation, RunRecord, Timings};
use nodule_study::results::RunFolder;
use nodule_study::settings::{TrainingSet, choose_map_read_out};
use nodule_study::{Resolved, RunSpec};
use nodule_synth::Generator;
use nodule_train::{Epoch, save_checkpoint};

use super::machine::machine;
use super::progress::Progress;
use super::stop::Halt;
use super::training::trained;
use crate::finished::{Shown, is_shown, left_by};
use crate::images::OwnSets;
use crate::measure::{Embedded, measure, represent};

/// What every run of a study shares.
pub(super) struct Setup<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) models: &'a Models,
    /// Of training and validation images.
    pub(super) generator: &'a Generator,
    pub(super) shared: &'a SharedSets,
    /// What a report will ask of the first seeds' networks; none where it is not to be asked here.
    pub(super) shown: Option<&'a Shown>,
    pub(super) device: &'a Device,
    pub(super) device_name: &'a str,
    pub(super) threads: usize,
    pub(super) checkpoint_every: Duration,
    pub(super) halt: &'a Halt<'a>,
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// To its end: its folder holds all that is to be marked as done.
    Done,
    /// It was asked to stop: its folder holds a checkpoint.
    Stopped,
}

/// Carries out `spec` and leaves its files in its folder, which is still to be marked as done.
pub(super) fn run(
    setup: &Setup,
    spec: &RunSpec,
    folder: &RunFolder,
    progress: &Progress,
) -> Result<Outcome, Error> {
    let study = &setup.resolved.study;
    let clock = Instant::now();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let started_unix_s = since_1970.map_or(0.0, |elapsed| elapsed.as_secs_f64());
    let sets = own_sets(setup, spec)?;
    let generate_s = clock.elapsed().as_secs_f64();

    let Some(trained) = trained(setup, spec, folder, &sets, started_unix_s, progress)? else {
        return Ok(Outcome::Stopped);
    };
    // Written before anything is measured: whatever happens then, it is not trained again.
    let network = trained.network.as_ref();
    folder.write("history.csv", &history_csv(&trained.history)?)?;
    folder.write("model.safetensors", &save_checkpoint(network)?)?;

    let clock = Instant::now();
    let training = Embedded::new(network, &sets.training)?;
    let validation = Embedded::new(network, &sets.validation)?;
    let read_outs = spec.loss.read_outs(&study.read_outs);
    let sets = (&training, &validation);
    let measured = measure(&spec.id, network, &read_outs, sets, setup.shared)?;
    let representation = setup.shared.representation.as_ref().map(|data| {
        let untrained = untrained(setup, spec)?;
        let networks = [network, untrained.as_ref()];
        represent(networks, choose_map_read_out(&read_outs), data, sets)
    });
    let evaluation = Evaluation {
        read_outs: measured.read_outs,
        representation: representation.transpose()?,
        timeline: trained.notes.timeline,
    };

    let timings = Timings {
        generate_s,
        train_s: trained.notes.train_s,
        // Measuring after every epoch is measuring, not training.
        evaluate_s: trained.notes.timeline_s + clock.elapsed().as_secs_f64(),
    };
    let record = record(setup, spec, trained.notes.started_unix_s, timings);
    folder.write("run.json", &json(&record))?;
    folder.write("evaluation.json", &json(&evaluation))?;
    folder.write("predictions.csv", &measured.predictions)?;
    if let Some(shown) = setup.shown.filter(|_| is_shown(study, spec)) {
        let (name, bytes) = left_by(&spec.id, network, &measured.fitted, shown)?;
        folder.write(name, &bytes)?;
    }
    Ok(Outcome::Done)
}

/// What the run is trained and validated on.
fn own_sets(setup: &Setup, spec: &RunSpec) -> Result<OwnSets, Error> {
    let study = &setup.resolved.study;
    match &spec.train {
        TrainingSet::Distribution(drawn) => {
            OwnSets::drawn(setup.generator, drawn, &study.samples, &spec.seeds)
        }
        TrainingSet::UserImages(given) => {
            let images = given.load(study.generator.image_size)?;
            let held_out = study.fold();
            OwnSets::given(&images, held_out, &spec.seeds)
        }
    }
}

/// The network that the run begins with.
pub(super) fn untrained(setup: &Setup, spec: &RunSpec) -> Result<Box<dyn Network>, Error> {
    let architecture = setup.models.architecture(&setup.resolved.network)?;
    Ok(architecture.build(spec.seeds.weights, setup.device)?)
}

fn record(setup: &Setup, spec: &RunSpec, started_unix_s: f64, timings: Timings) -> RunRecord {
    RunRecord {
        run: spec.id.clone(),
        train: spec.train.name().to_owned(),
        loss: spec.loss.name.clone(),
        seed: spec.seed,
        settings: spec.settings.clone(),
        seeds: spec.seeds,
        versions: build_versions(),
        device: setup.device_name.to_owned(),
        threads: setup.threads,
        machine: machine(),
        started_unix_s,
        timings,
    }
}

/// JSON that a person can read, with a newline at the end.
fn json(value: &impl serde::Serialize) -> Vec<u8> {
    // These are plain structs with string keys: nothing in them can fail to serialise.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn history_csv(history: &[Epoch]) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::made("history.csv", e);
    let mut out = csv::Writer::from_writer(Vec::new());
    for epoch in history {
        out.serialize(epoch).map_err(|e| failed(e.to_string()))?;
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}
