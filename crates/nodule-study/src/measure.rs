//! A finished run, opened again and measured on a set of the user's choice.

use std::path::Path;
use std::sync::Arc;

use nodule_eval::ReadOut;
use nodule_synth::{Distribution, Generator, Outlines, generate};
use nodule_train::{load_checkpoint, open_device};

use crate::Error;
use crate::evaluate::evaluate;
use crate::folder::is_done;
use crate::output::read_json;
use crate::plan::RunSettings;
use crate::record::{RunRecord, TestEvaluation};
use crate::sets::SharedSets;

/// Measures the run in `folder` on `n` images of `distribution`, with every read-out it has.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if its record cannot be read;
/// and whatever drawing, loading and measuring can find.
pub fn measure_run(
    folder: &Path,
    distribution: &Distribution,
    outlines: Arc<Outlines>,
    seed: u64,
    n: usize,
) -> Result<Vec<(ReadOut, TestEvaluation)>, Error> {
    if !is_done(folder) {
        let reason = "holds no finished run (no file `done`)".to_owned();
        return Err(Error::Folder {
            path: folder.to_path_buf(),
            reason,
        });
    }
    let path = folder.join("run.json");
    let record: RunRecord = read_json(&path)?;
    let settings: RunSettings =
        serde_json::from_value(record.settings.clone()).map_err(|e| Error::Record {
            path,
            reason: format!("settings: {e}"),
        })?;

    let generator = Generator::new(settings.generator.clone(), outlines)?;
    let training = generate(
        &generator,
        &settings.train,
        record.seeds.train_data,
        settings.samples.train,
    )?;
    let test = generate(&generator, distribution, seed, n)?;
    let device = open_device("cpu")?;
    let network = load_checkpoint(
        &folder.join("model.safetensors"),
        &settings.network,
        &device,
    )?;
    let sets = SharedSets {
        tests: vec![(distribution.clone(), test)],
        probes: Vec::new(),
    };
    let read_outs = settings.loss.read_outs(&settings.read_outs);
    let measured = evaluate(
        &record.run,
        &network,
        &read_outs,
        &training,
        &training,
        &sets,
    )?;
    let rows = measured.evaluation.read_outs.into_iter();
    Ok(rows
        .flat_map(|r| r.tests.into_iter().map(move |test| (r.read_out, test)))
        .collect())
}
