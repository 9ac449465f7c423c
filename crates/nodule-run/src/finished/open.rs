//! A finished run, opened again: its settings and its network.

use std::path::Path;
use std::sync::Arc;

use nodule_error::{plain_words, refused};
use nodule_nn::Network;
use nodule_study::plan::RunSettings;
use nodule_study::records::RunRecord;
use nodule_study::results::{Depth, RunState, read_record, run_state};
use nodule_study::settings::{StudyLoss, StudyNetwork};
use nodule_study::{Error, Registry};
use nodule_synth::{DataSet, Generator, Outlines, generate};
use nodule_train::{load_checkpoint, open_device};

/// Training images of a run at most, as a study file may ask for.
const MOST_IMAGES: usize = 1_000_000;

/// Everything needed to ask a run more.
pub(super) struct OpenedRun {
    pub(super) record: RunRecord,
    pub(super) settings: RunSettings,
    pub(super) generator: Generator,
    pub(super) loss: StudyLoss,
    pub(super) architecture: StudyNetwork,
    pub(super) network: Box<dyn Network>,
}

/// Opens the run in `folder`; real outlines come from `outlines`.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if it is not whole;
/// [`Error::Setting`] if it was made with other outlines or by another version of what draws and
/// computes; and whatever loading its network can find.
pub(super) fn open_run(
    folder: &Path,
    registry: &Registry,
    outlines: Arc<Outlines>,
) -> Result<OpenedRun, Error> {
    match run_state(folder, Depth::Everything)? {
        RunState::Whole | RunState::Unlisted => {}
        RunState::Broken(why) => return Err(why),
        RunState::Unfinished => {
            let reason = "holds no finished run (no file `done`)".to_owned();
            return Err(Error::Folder {
                path: folder.to_path_buf(),
                reason,
            });
        }
    }
    let record = read_record(folder)?;
    let file = folder.join("run.json");
    let settings: RunSettings =
        serde_json::from_value(record.settings.clone()).map_err(|e| Error::Record {
            path: file.clone(),
            reason: format!("settings: {}", plain_words(&e.to_string())),
        })?;
    let place = file.to_string_lossy().into_owned();
    let at = |e: nodule_error::Refused| Error::from(e.at(&place));
    settings.check_versions().map_err(at)?;
    let (images, most) = (settings.samples.train, MOST_IMAGES);
    if !(1..=most).contains(&images) {
        let allowed = format!("a whole number from 1 to {most}");
        return Err(at(refused("samples.train", images, allowed)));
    }
    if settings.outlines != outlines.digest() {
        let (name, digest) = (outlines.name(), outlines.digest());
        let allowed = format!(
            "the SHA-256 of the outlines given ({name}: {digest}): give those that the run was made with as --outlines"
        );
        return Err(at(refused("outlines", &settings.outlines, allowed)));
    }
    let (name, table) = settings.loss();
    let loss = registry.loss(name, table).map_err(at)?;
    let size = settings.generator.image_size;
    let architecture = registry.network(settings.network(), size).map_err(at)?;
    let generator = Generator::new(settings.generator.clone(), outlines)?;
    let network = load_checkpoint(
        &folder.join("model.safetensors"),
        architecture.architecture.as_ref(),
        &open_device("cpu")?,
    )?;
    Ok(OpenedRun {
        record,
        settings,
        generator,
        loss,
        architecture,
        network,
    })
}

impl OpenedRun {
    /// Its training images, drawn again: the same for every loss of a seed.
    pub(super) fn training(&self) -> Result<DataSet, Error> {
        Ok(generate(
            &self.generator,
            &self.settings.train,
            self.record.seeds.train_data,
            self.settings.samples.train,
        )?)
    }
}
