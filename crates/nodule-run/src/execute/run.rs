//! One run: generate images, train, measure, and write the files of its folder.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

use super::machine::describe_machine;
use super::progress::Progress;
use super::stop::StopCondition;
use super::training::train_run;
use crate::cache::{CACHE_FILE, NetworkOutputs, PlaneImages, cache_key, is_in_report, to_bytes};
use crate::images::RunImages;
use crate::measure::{EmbeddedSet, measure_network, measure_representation};
use crate::{Error, Models};

/// Inputs that all runs of a variant share.
pub(super) struct RunContext<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) models: &'a Models,
    /// Generator of training and validation images.
    pub(super) generator: &'a Generator,
    pub(super) shared: &'a SharedSets,
    /// Images of the cached network outputs; `None` if these runs write no cache.
    pub(super) plane: Option<&'a PlaneImages>,
    pub(super) device: &'a Device,
    pub(super) device_name: &'a str,
    pub(super) threads: usize,
    pub(super) checkpoint_interval: Duration,
    pub(super) stop: &'a StopCondition<'a>,
}

/// Outcome of a run without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All files are written; the run is not yet marked as done.
    Done,
    /// Stopped on request; the folder holds a checkpoint.
    Stopped,
}

/// Executes `spec` and writes its files into `folder`, without the mark `done`.
pub(super) fn run(
    context: &RunContext,
    spec: &RunSpec,
    folder: &RunFolder,
    progress: &Progress,
) -> Result<Outcome, Error> {
    let study = &context.resolved.study;
    let clock = Instant::now();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let started_unix_s = since_1970.map_or(0.0, |elapsed| elapsed.as_secs_f64());
    let images = load_images(context, spec)?;
    let generate_s = clock.elapsed().as_secs_f64();

    let trained = train_run(context, spec, folder, &images, started_unix_s, progress)?;
    let Some(trained) = trained else {
        return Ok(Outcome::Stopped);
    };
    // Written before measuring, so that an error while measuring does not cost the training.
    let network = trained.network.as_ref();
    folder.write("history.csv", &to_history_csv(&trained.history)?)?;
    folder.write("model.safetensors", &save_checkpoint(network)?)?;

    let clock = Instant::now();
    let training = EmbeddedSet::new(network, &images.training)?;
    let validation = EmbeddedSet::new(network, &images.validation)?;
    let read_outs = spec.loss.read_outs(&study.read_outs);
    let sets = (&training, &validation);
    let measured = measure_network(&spec.id, network, &read_outs, sets, context.shared)?;
    let representation = context.shared.representation.as_ref().map(|data| {
        let untrained = build_untrained(context, spec)?;
        let networks = [network, untrained.as_ref()];
        measure_representation(networks, choose_map_read_out(&read_outs), data, sets)
    });
    let evaluation = Evaluation {
        read_outs: measured.read_outs,
        representation: representation.transpose()?,
        timeline: trained.notes.timeline,
    };

    let timings = Timings {
        generate_s,
        train_s: trained.notes.train_s,
        // Measurements after every epoch count as evaluation.
        evaluate_s: trained.notes.timeline_s + clock.elapsed().as_secs_f64(),
    };
    let record = create_record(context, spec, trained.notes.started_unix_s, timings);
    folder.write("run.json", &to_json(&record))?;
    folder.write("evaluation.json", &to_json(&evaluation))?;
    folder.write("predictions.csv", &measured.predictions)?;
    if let Some(plane) = context.plane.filter(|_| is_in_report(study, spec)) {
        let outputs = NetworkOutputs::compute(plane, network, &measured.fitted)?;
        let key = cache_key(plane, &spec.id, network)?;
        folder.write(CACHE_FILE, &to_bytes(&outputs, &key)?)?;
    }
    Ok(Outcome::Done)
}

/// Generates or loads the training and validation images of a run.
fn load_images(context: &RunContext, spec: &RunSpec) -> Result<RunImages, Error> {
    let study = &context.resolved.study;
    match &spec.train {
        TrainingSet::Distribution(distribution) => {
            let (generator, seeds) = (context.generator, &spec.seeds);
            RunImages::generate(generator, distribution, &study.samples, seeds)
        }
        TrainingSet::UserImages(given) => {
            let images = given.load(study.generator.image_size)?;
            RunImages::split_images(&images, &study.fold(), &spec.seeds)
        }
    }
}

/// Builds the network of a run with its initial weights.
pub(super) fn build_untrained(
    context: &RunContext,
    spec: &RunSpec,
) -> Result<Box<dyn Network>, Error> {
    let architecture = context.models.architecture(&context.resolved.network)?;
    Ok(architecture.build(spec.seeds.weights, context.device)?)
}

fn create_record(
    context: &RunContext,
    spec: &RunSpec,
    started_unix_s: f64,
    timings: Timings,
) -> RunRecord {
    RunRecord {
        run: spec.id.clone(),
        train: spec.train.name().to_owned(),
        loss: spec.loss.name.clone(),
        seed: spec.seed,
        settings: spec.settings.clone(),
        seeds: spec.seeds,
        versions: build_versions(),
        device: context.device_name.to_owned(),
        threads: context.threads,
        machine: describe_machine(),
        started_unix_s,
        timings,
    }
}

/// Returns indented JSON with a newline at the end.
fn to_json(value: &impl serde::Serialize) -> Vec<u8> {
    // Plain structs with string keys always serialise.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn to_history_csv(history: &[Epoch]) -> Result<Vec<u8>, Error> {
    let error = |e: String| Error::cannot_make("history.csv", e);
    let mut out = csv::Writer::from_writer(Vec::new());
    for epoch in history {
        out.serialize(epoch).map_err(|e| error(e.to_string()))?;
    }
    out.into_inner().map_err(|e| error(e.to_string()))
}
