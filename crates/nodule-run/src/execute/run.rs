//! One run: draw, train, measure, and leave it all in its folder.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use candle_core::Device;
use nodule_nn::Network;
use nodule_study::plan::versions;
use nodule_study::records::{Evaluation, RunRecord, TimelinePoint, Timings};
use nodule_study::results::RunFolder;
use nodule_study::{Error, Resolved, RunSpec};
use nodule_synth::{DataSet, Generator, generate};
use nodule_train::{Epoch, Examples, save_checkpoint, train};

use super::machine::machine;
use crate::images::SharedSets;
use crate::measure::{Embedded, Timeline, measure, represent};

/// What every run of a study shares.
pub(super) struct Setup<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) generator: &'a Generator,
    pub(super) shared: &'a SharedSets,
    pub(super) device: &'a Device,
    pub(super) device_name: &'a str,
    pub(super) threads: usize,
}

/// Carries out `spec` and leaves its files in its folder, which is still to be marked as done. `on_epoch`
/// hears of each epoch.
pub(super) fn run(
    setup: &Setup,
    spec: &RunSpec,
    folder: &RunFolder,
    on_epoch: impl FnMut(&Epoch),
) -> Result<(), Error> {
    let study = &setup.resolved.study;
    let clock = Instant::now();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let started_unix_s = since_1970.map_or(0.0, |elapsed| elapsed.as_secs_f64());
    let draw = |seed, n| generate(setup.generator, &spec.train, seed, n);
    let training = draw(spec.seeds.train_data, study.samples.train)?;
    let validation = draw(spec.seeds.validation_data, study.samples.validation)?;
    let generate_s = clock.elapsed().as_secs_f64();

    let trained = trained(setup, spec, (&training, &validation), on_epoch)?;
    let train_s = clock.elapsed().as_secs_f64() - generate_s - trained.timeline_s;

    let network = trained.network.as_ref();
    let training = Embedded::new(network, &training)?;
    let validation = Embedded::new(network, &validation)?;
    let read_outs = spec.loss.read_outs(&study.read_outs);
    let sets = (&training, &validation);
    let measured = measure(&spec.id, network, &read_outs, sets, setup.shared)?;
    let representation = setup.shared.representation.as_ref().map(|data| {
        let untrained = untrained(setup, spec)?;
        represent(network, untrained.as_ref(), data, &validation)
    });
    let evaluation = Evaluation {
        read_outs: measured.read_outs,
        representation: representation.transpose()?,
        timeline: trained.timeline,
    };
    // Measuring after every epoch is measuring, not training.
    let evaluate_s = clock.elapsed().as_secs_f64() - generate_s - train_s;

    let timings = Timings {
        generate_s,
        train_s,
        evaluate_s,
    };
    let record = record(setup, spec, started_unix_s, timings);
    folder.write("run.json", &json(&record))?;
    folder.write("history.csv", &history_csv(&trained.history)?)?;
    folder.write("model.safetensors", &save_checkpoint(network)?)?;
    folder.write("evaluation.json", &json(&evaluation))?;
    folder.write("predictions.csv", &measured.predictions)
}

/// A trained network, and how it came about.
struct Trained {
    network: Box<dyn Network>,
    history: Vec<Epoch>,
    timeline: Vec<TimelinePoint>,
    /// What measuring the timeline took, in seconds.
    timeline_s: f64,
}

fn trained(
    setup: &Setup,
    spec: &RunSpec,
    (training, validation): (&DataSet, &DataSet),
    mut on_epoch: impl FnMut(&Epoch),
) -> Result<Trained, Error> {
    let network = untrained(setup, spec)?;
    let timeline = Timeline::new(setup.shared, training, validation);
    let (mut points, mut timeline_s) = (Vec::new(), 0.0);
    let history = train(
        network.as_ref(),
        spec.loss.loss.as_ref(),
        &setup.resolved.study.training,
        spec.seeds.order,
        &examples(training)?,
        &examples(validation)?,
        |epoch| {
            let clock = Instant::now();
            points.extend(timeline.map(|t| t.point(network.as_ref(), epoch.epoch)));
            timeline_s += clock.elapsed().as_secs_f64();
            on_epoch(epoch);
        },
    )?;
    Ok(Trained {
        history,
        timeline: points.into_iter().collect::<Result<_, _>>()?,
        timeline_s,
        network,
    })
}

fn untrained(setup: &Setup, spec: &RunSpec) -> Result<Box<dyn Network>, Error> {
    let architecture = &setup.resolved.network.architecture;
    Ok(architecture.build(spec.seeds.weights, setup.device)?)
}

fn examples(data: &DataSet) -> Result<Examples<'_>, Error> {
    Ok(Examples::new(data.image_size, &data.images, &data.labels)?)
}

fn record(setup: &Setup, spec: &RunSpec, started_unix_s: f64, timings: Timings) -> RunRecord {
    RunRecord {
        run: spec.id.clone(),
        train: spec.train.name.clone(),
        loss: spec.loss.name.clone(),
        seed: spec.seed,
        settings: spec.settings.clone(),
        seeds: spec.seeds,
        versions: versions(),
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
