//! One run: draw, train, measure, and leave it all in its folder.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use candle_core::Device;
use nodule_nn::{KERNEL_VERSION, le_net};
use nodule_synth::{DataSet, GENERATOR_VERSION, Generator, generate};
use nodule_train::{Epoch, Examples, save_checkpoint, train};

use crate::Error;
use crate::evaluate::evaluate;
use crate::folder::RunFolder;
use crate::load::Resolved;
use crate::machine::machine;
use crate::plan::RunSpec;
use crate::record::{Evaluation, RunRecord, Timings, Versions};
use crate::representation::represent;
use crate::sets::SharedSets;
use crate::timeline::Timeline;

/// What every run of a study shares.
pub(crate) struct Bench<'a> {
    pub(crate) resolved: &'a Resolved,
    pub(crate) generator: &'a Generator,
    pub(crate) shared: &'a SharedSets,
    pub(crate) device: &'a Device,
    pub(crate) device_name: &'a str,
    pub(crate) threads: usize,
}

/// Carries out `spec` and marks its folder as done. `on_epoch` hears of each epoch.
pub(crate) fn run(
    bench: &Bench,
    spec: &RunSpec,
    folder: RunFolder,
    mut on_epoch: impl FnMut(&Epoch),
) -> Result<(), Error> {
    let study = &bench.resolved.study;
    let clock = Instant::now();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let started_unix_s = since_1970.map_or(0.0, |elapsed| elapsed.as_secs_f64());
    let draw = |seed, n| generate(bench.generator, &spec.train, seed, n);
    let training = draw(spec.seeds.train_data, study.samples.train)?;
    let validation = draw(spec.seeds.validation_data, study.samples.validation)?;
    let generate_s = clock.elapsed().as_secs_f64();

    let untrained = || le_net(&study.network, spec.seeds.weights, bench.device);
    let network = untrained()?;
    let timeline = Timeline::new(bench.shared, &training, &validation);
    let (mut points, mut looking_s) = (Vec::new(), 0.0);
    let history = train(
        &network,
        &spec.loss.loss(),
        &study.training,
        spec.seeds.order,
        &examples(&training)?,
        &examples(&validation)?,
        |epoch| {
            let looked = Instant::now();
            points.extend(timeline.map(|t| t.look(&network, epoch.epoch)));
            looking_s += looked.elapsed().as_secs_f64();
            on_epoch(epoch);
        },
    )?;
    let train_s = clock.elapsed().as_secs_f64() - generate_s - looking_s;

    let read_outs = spec.loss.read_outs(&study.read_outs);
    let measured = evaluate(
        &spec.id,
        &network,
        &read_outs,
        &training,
        &validation,
        bench.shared,
    )?;
    let representation = bench.shared.representation.as_ref().map(|data| {
        let untrained = untrained()?;
        represent(&network, &untrained, data, &validation)
    });
    let evaluation = Evaluation {
        read_outs: measured.read_outs,
        representation: representation.transpose()?,
        timeline: points.into_iter().collect::<Result<_, _>>()?,
    };
    let evaluate_s = clock.elapsed().as_secs_f64() - generate_s - train_s;

    let record = record(
        bench,
        spec,
        started_unix_s,
        Timings {
            generate_s,
            train_s,
            evaluate_s,
        },
    );
    folder.write("run.json", &json(&record))?;
    folder.write("history.csv", &history_csv(&history)?)?;
    folder.write("model.safetensors", &save_checkpoint(&network)?)?;
    folder.write("evaluation.json", &json(&evaluation))?;
    folder.write("predictions.csv", &measured.predictions)?;
    folder.finish()
}

fn examples(data: &DataSet) -> Result<Examples<'_>, Error> {
    Ok(Examples::new(data.image_size, &data.images, &data.labels)?)
}

fn record(bench: &Bench, spec: &RunSpec, started_unix_s: f64, timings: Timings) -> RunRecord {
    RunRecord {
        run: spec.id.clone(),
        train: spec.train.name.clone(),
        loss: spec.loss_name.clone(),
        seed: spec.seed,
        settings: spec.settings.clone(),
        seeds: spec.seeds,
        versions: versions(),
        device: bench.device_name.to_owned(),
        threads: bench.threads,
        machine: machine(),
        started_unix_s,
        timings,
    }
}

/// The versions of this build.
#[must_use]
pub fn versions() -> Versions {
    Versions {
        nodule: env!("CARGO_PKG_VERSION").to_owned(),
        generator: GENERATOR_VERSION,
        kernel: KERNEL_VERSION,
        commit: env!("NODULE_COMMIT").to_owned(),
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
    let failed = |e: String| Error::Record {
        path: "history.csv".into(),
        reason: e,
    };
    let mut out = csv::Writer::from_writer(Vec::new());
    for epoch in history {
        out.serialize(epoch).map_err(|e| failed(e.to_string()))?;
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}
