//! A finished run, opened: record, settings, generators and network.

use std::path::Path;
use std::sync::Arc;

use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use nodule_images::LabelledImages;
use nodule_nn::{Architecture, Network};
use nodule_study::plan::{RunSettings, TrainRecord};
use nodule_study::records::RunRecord;
use nodule_study::results::{Depth, RunState, read_record, run_state};
use nodule_study::settings::{StudyLoss, TrainingGroups};
use nodule_synth::{Generator, Split};
use nodule_train::{load_checkpoint, open_device};

use super::Sources;
use crate::images::{LabelledSet, RunImages};
use crate::{Error, Models};

/// Most training images of a run, as in study files.
const MAX_IMAGES: usize = 1_000_000;

/// A finished run with its network.
pub(crate) struct OpenedRun {
    pub(crate) record: RunRecord,
    pub(crate) settings: RunSettings,
    sources: Sources,
    training_generator: Generator,
    pub(super) test_generator: Generator,
    pub(crate) loss: StudyLoss,
    pub(super) architecture: Arc<dyn Architecture>,
    pub(crate) network: Box<dyn Network>,
}

/// Opens the run in `folder`, whose images come from `sources`.
///
/// # Errors
/// If the folder holds no finished and whole run, if the run was made with other sources or by another version of
/// generator or kernels, or if its network cannot be loaded.
pub(crate) fn open_run(
    folder: &Path,
    models: &Models,
    sources: &Sources,
) -> Result<OpenedRun, Error> {
    check_complete(folder)?;
    let record = read_record(folder)?;
    let file = folder.join("run.json");
    let settings: RunSettings = serde_json::from_value(record.settings.clone()).map_err(|e| {
        nodule_study::Error::Record {
            path: file.clone(),
            reason: format!("settings: {}", describe_parse_error(&e.to_string())),
        }
    })?;
    let place = file.to_string_lossy().into_owned();
    let add_place = |e: InvalidInput| Error::from(e.at(&place));
    settings.check_versions().map_err(add_place)?;
    let images = settings.samples.train;
    if !(1..=MAX_IMAGES).contains(&images) {
        let allowed = format!("a whole number from 1 to {MAX_IMAGES}");
        return Err(add_place(invalid_value("samples.train", images, allowed)));
    }
    sources.check(&settings).map_err(add_place)?;
    let registry = models.registry();
    let (name, table) = settings.loss();
    let loss = registry.loss(name, table).map_err(add_place)?;
    let size = settings.generator.image_size;
    let network = registry.network(settings.network(), size);
    let architecture = models.architecture(&network.map_err(add_place)?)?;
    let network = load_checkpoint(
        &folder.join("model.safetensors"),
        architecture.as_ref(),
        &open_device("cpu")?,
    )?;
    Ok(OpenedRun {
        training_generator: sources.generator(&settings, Split::Training)?,
        test_generator: sources.generator(&settings, Split::Test)?,
        sources: sources.clone(),
        record,
        settings,
        loss,
        architecture,
        network,
    })
}

fn check_complete(folder: &Path) -> Result<(), Error> {
    match run_state(folder, Depth::Everything)? {
        RunState::Complete => Ok(()),
        RunState::Broken(error) => Err(error.into()),
        RunState::Unfinished => {
            let path = folder.to_path_buf();
            let reason = "holds no finished run (no file `done`)".to_owned();
            Err(nodule_study::Error::Folder { path, reason }.into())
        }
    }
}

impl OpenedRun {
    /// Returns an error for images of another size than the training images.
    pub(super) fn check_size(&self, images: &LabelledImages) -> Result<(), Error> {
        let (found, size) = (images.image_size, self.settings.generator.image_size);
        if found == size {
            return Ok(());
        }
        let found = format!("{found} by {found} pixels");
        let run = &self.record.run;
        let allowed = format!("{size} by {size}, the size that run {run} was trained on");
        let error = invalid_value("images", found, allowed);
        Err(error.at(&images.name).into())
    }

    /// Returns the images that the run may be tested on: all but those of groups that it was trained or validated on, or that
    /// were the background of its training images.
    ///
    /// # Errors
    /// If a class is missing among them.
    pub(super) fn testable_images(
        &self,
        images: &Arc<LabelledImages>,
    ) -> Result<Arc<LabelledImages>, Error> {
        let size = self.settings.generator.image_size;
        let mut groups = TrainingGroups::default();
        if let Some(backgrounds) = &self.sources.backgrounds {
            groups.add_names(backgrounds.load(size)?.groups().iter().cloned());
        }
        if let TrainRecord::UserImages(record) = &self.settings.train {
            groups.add_images(self.sources.training_images(record)?.load(size)?.as_ref());
        }
        let fold = self.settings.held_out.clone().unwrap_or_default();
        let testable = groups.select_testable(images, &fold);
        Ok(testable.map_err(|e| e.at(&images.name))?.images)
    }

    /// Generates or selects the training images again: the same for every loss of a seed.
    pub(crate) fn training_images(&self) -> Result<LabelledSet, Error> {
        let (settings, seeds) = (&self.settings, &self.record.seeds);
        match &settings.train {
            TrainRecord::Distribution(distribution) => {
                let (seed, n) = (seeds.train_data, settings.samples.train);
                let images = self.training_generator.generate(distribution, seed, 0..n)?;
                Ok(images.into())
            }
            TrainRecord::UserImages(record) => {
                let given = self.sources.training_images(record)?;
                let images = given.load(settings.generator.image_size)?;
                let fold = settings.held_out.clone().unwrap_or_default();
                Ok(RunImages::split_images(&images, &fold, seeds)?.training)
            }
        }
    }
}
