//! A finished run, opened again: its settings and its network.

use std::path::Path;
use std::sync::Arc;

use crate::{Error, Models};
use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use nodule_images::LabelledImages;
use nodule_nn::{Architecture, Network};
use nodule_study::Resolved;
use nodule_study::plan::{RunSettings, TrainRecord, UserImagesRecord};
use nodule_study::records::RunRecord;
use nodule_study::results::{Depth, RunState, read_record, run_state};
use nodule_study::settings::{StudyLoss, TrainingSet, UserBackgrounds, UserImages};
use nodule_synth::{Generator, Outlines, Split};
use nodule_train::{load_checkpoint, open_device};

use crate::images::{Labelled, OwnSets};

/// Training images of a run at most, as a study file may ask for.
const MOST_IMAGES: usize = 1_000_000;

/// Everything needed to ask a run more.
pub(super) struct OpenedRun {
    pub(super) record: RunRecord,
    pub(super) settings: RunSettings,
    sources: Sources,
    /// Of its training images, and of what it is asked about.
    training: Generator,
    pub(super) asking: Generator,
    pub(super) loss: StudyLoss,
    pub(super) architecture: Arc<dyn Architecture>,
    pub(super) network: Box<dyn Network>,
}

/// What a run's images are made of and its folder does not hold.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The real outlines.
    pub outlines: Arc<Outlines>,
    /// Real lung, of a run whose nodules lie over it.
    pub backgrounds: Option<UserBackgrounds>,
    /// Images, of a run that was trained on the user's own.
    pub images: Vec<UserImages>,
}

impl Sources {
    /// Those of a study.
    pub(super) fn of(resolved: &Resolved) -> Self {
        Self {
            outlines: resolved.outlines.clone(),
            backgrounds: resolved.backgrounds.clone(),
            images: (resolved.train.iter())
                .filter_map(TrainingSet::user_images)
                .cloned()
                .collect(),
        }
    }

    /// The generator of that part of a run's images.
    ///
    /// # Errors
    /// If its settings, or its backgrounds, are refused.
    fn generator(&self, settings: &RunSettings, part: Split) -> Result<Generator, Error> {
        let generator = Generator::new(settings.generator.clone(), self.outlines.clone())?;
        match &self.backgrounds {
            Some(given) => {
                let held_out = settings.held_out.unwrap_or_default();
                let size = settings.generator.image_size;
                Ok(generator.with_backgrounds(given.split(size, part, held_out)?)?)
            }
            None => Ok(generator),
        }
    }

    /// Refuses others than those that a run was made with.
    fn check(&self, settings: &RunSettings) -> Result<(), InvalidInput> {
        if settings.outlines != self.outlines.digest() {
            let (name, digest) = (self.outlines.name(), self.outlines.digest());
            let allowed = format!(
                "the SHA-256 of the outlines given ({name}: {digest}): give those that the run was made with as --outlines"
            );
            return Err(invalid_value("outlines", &settings.outlines, allowed));
        }
        let given = self.backgrounds.as_ref().map(UserBackgrounds::sha256);
        if settings.backgrounds.as_deref() != given {
            let or_none = |sha256: Option<&str>| sha256.unwrap_or("none").to_owned();
            let allowed = format!(
                "the SHA-256 of the backgrounds given ({}): give those that the run was made with as --backgrounds",
                or_none(given)
            );
            let of_run = or_none(settings.backgrounds.as_deref());
            return Err(invalid_value("backgrounds", of_run, allowed));
        }
        match &settings.train {
            TrainRecord::UserImages(of_run) => self.images_of(of_run).map(|_| ()),
            TrainRecord::Distribution(_) => Ok(()),
        }
    }

    /// The images that a run was trained on.
    fn images_of(&self, of_run: &UserImagesRecord) -> Result<&UserImages, InvalidInput> {
        let mut all = self.images.iter();
        let found = all.find(|given| given.sha256() == of_run.sha256);
        found.ok_or_else(|| {
            let given = self.images.iter().map(UserImages::sha256);
            let given = given.collect::<Vec<_>>().join(", ");
            let given = if given.is_empty() { "none" } else { &given };
            let allowed = format!(
                "the SHA-256 of the training images given ({given}): give those that the run was made with as --train-images"
            );
            invalid_value("train", &of_run.sha256, allowed)
        })
    }
}

/// Opens the run in `folder`, whose images are made of `sources`.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if it is not whole;
/// [`Error::Setting`] if it was made with other outlines, backgrounds or images or by another version of what draws and
/// computes; and whatever loading its network can find.
pub(super) fn open_run(
    folder: &Path,
    models: &Models,
    sources: &Sources,
) -> Result<OpenedRun, Error> {
    match run_state(folder, Depth::Everything)? {
        RunState::Complete => {}
        RunState::Broken(why) => return Err(why.into()),
        RunState::Unfinished => {
            let reason = "holds no finished run (no file `done`)".to_owned();
            let path = folder.to_path_buf();
            return Err(nodule_study::Error::Folder { path, reason }.into());
        }
    }
    let record = read_record(folder)?;
    let file = folder.join("run.json");
    let settings: RunSettings = serde_json::from_value(record.settings.clone()).map_err(|e| {
        nodule_study::Error::Record {
            path: file.clone(),
            reason: format!("settings: {}", describe_parse_error(&e.to_string())),
        }
    })?;
    let place = file.to_string_lossy().into_owned();
    let at = |e: InvalidInput| Error::from(e.at(&place));
    settings.check_versions().map_err(at)?;
    let (images, most) = (settings.samples.train, MOST_IMAGES);
    if !(1..=most).contains(&images) {
        let allowed = format!("a whole number from 1 to {most}");
        return Err(at(invalid_value("samples.train", images, allowed)));
    }
    sources.check(&settings).map_err(at)?;
    let (name, table) = settings.loss();
    let loss = models.registry().loss(name, table).map_err(at)?;
    let size = settings.generator.image_size;
    let network = models
        .registry()
        .network(settings.network(), size)
        .map_err(at)?;
    let architecture = models.architecture(&network)?;
    let generator = |part| sources.generator(&settings, part);
    let (training, asking) = (generator(Split::Training)?, generator(Split::Test)?);
    let network = load_checkpoint(
        &folder.join("model.safetensors"),
        architecture.as_ref(),
        &open_device("cpu")?,
    )?;
    Ok(OpenedRun {
        record,
        settings,
        sources: sources.clone(),
        training,
        asking,
        loss,
        architecture,
        network,
    })
}

impl OpenedRun {
    /// Refuses images of another size than those it was trained on.
    pub(super) fn fits(&self, images: &LabelledImages) -> Result<(), Error> {
        let (found, size) = (images.image_size, self.settings.generator.image_size);
        if found == size {
            return Ok(());
        }
        let found = format!("{found} by {found} pixels");
        let allowed = format!(
            "{size} by {size}, as those that run {} was trained on",
            self.record.run
        );
        Err(invalid_value("images", found, allowed)
            .at(&images.name)
            .into())
    }

    /// Its training images, drawn or chosen again: the same for every loss of a seed.
    pub(super) fn training(&self) -> Result<Labelled, Error> {
        let (settings, seeds) = (&self.settings, &self.record.seeds);
        match &settings.train {
            TrainRecord::Distribution(distribution) => {
                let (seed, n) = (seeds.train_data, settings.samples.train);
                Ok(self.training.generate(distribution, seed, 0..n)?.into())
            }
            TrainRecord::UserImages(of_run) => {
                let given = self.sources.images_of(of_run)?;
                let images = given.load(settings.generator.image_size)?;
                let held_out = settings.held_out.unwrap_or_default();
                Ok(OwnSets::given(&images, held_out, seeds)?.training)
            }
        }
    }
}
