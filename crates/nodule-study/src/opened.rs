//! A finished run, opened again: its settings, its network, and its training images drawn anew.

use std::path::Path;
use std::sync::Arc;

use nodule_nn::LeNet;
use nodule_synth::{DataSet, Generator, Outlines, generate};
use nodule_train::{load_checkpoint, open_device};

use crate::Error;
use crate::folder::is_done;
use crate::output::read_json;
use crate::plan::RunSettings;
use crate::record::RunRecord;

/// Everything needed to measure a run again.
pub(crate) struct OpenedRun {
    pub(crate) record: RunRecord,
    pub(crate) settings: RunSettings,
    pub(crate) generator: Generator,
    pub(crate) training: DataSet,
    pub(crate) network: LeNet,
}

/// Opens the run in `folder`; real outlines come from `outlines`.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if its record cannot be read;
/// and whatever drawing its images and loading its network can find.
pub(crate) fn open_run(folder: &Path, outlines: Arc<Outlines>) -> Result<OpenedRun, Error> {
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
    let network = load_checkpoint(
        &folder.join("model.safetensors"),
        &settings.network,
        &open_device("cpu")?,
    )?;
    Ok(OpenedRun {
        record,
        settings,
        generator,
        training,
        network,
    })
}
