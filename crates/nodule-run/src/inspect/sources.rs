//! Sources of a run's images that its folder does not hold: outlines, backgrounds and the user's images.

use std::sync::Arc;

use nodule_error::{InvalidInput, conflict};
use nodule_study::Resolved;
use nodule_study::plan::{RunSettings, TrainRecord, UserImagesRecord};
use nodule_study::settings::{TrainingSet, UserBackgrounds, UserImages};
use nodule_synth::{Generator, Outlines, Split};

use crate::Error;

/// Sources of a run's images.
///
/// ```
/// use nodule_run::Sources;
/// use nodule_synth::Outlines;
///
/// let sources = Sources { outlines: Outlines::lidc(), backgrounds: None, images: Vec::new() };
/// assert_eq!(sources.outlines.name(), "lidc");
/// ```
#[derive(Debug, Clone)]
pub struct Sources {
    /// Real outlines.
    pub outlines: Arc<Outlines>,
    /// Backgrounds; `None` for runs with the generator's own.
    pub backgrounds: Option<UserBackgrounds>,
    /// Training images of runs that were trained on the user's images.
    pub images: Vec<UserImages>,
}

impl Sources {
    /// Returns the sources of a study.
    pub(crate) fn from_study(resolved: &Resolved) -> Self {
        let images = resolved.train.iter().filter_map(TrainingSet::user_images);
        Self {
            outlines: resolved.outlines.clone(),
            backgrounds: resolved.backgrounds.clone(),
            images: images.cloned().collect(),
        }
    }

    /// Returns the generator of one split of a run's images.
    ///
    /// # Errors
    /// If the settings or the backgrounds are invalid.
    pub(super) fn generator(
        &self,
        settings: &RunSettings,
        split: Split,
    ) -> Result<Generator, Error> {
        let generator = Generator::new(settings.generator.clone(), self.outlines.clone())?;
        match &self.backgrounds {
            Some(backgrounds) => {
                let fold = settings.held_out.clone().unwrap_or_default();
                let size = settings.generator.image_size;
                Ok(generator.with_backgrounds(backgrounds.split(size, split, &fold)?)?)
            }
            None => Ok(generator),
        }
    }

    /// Returns an error unless the sources are those of the run.
    pub(super) fn check(&self, settings: &RunSettings) -> Result<(), InvalidInput> {
        if settings.outlines != self.outlines.digest() {
            let (name, digest) = (self.outlines.name(), self.outlines.digest());
            let needed = &settings.outlines;
            let reason = format!(
                "the run was made with others (SHA-256 {needed}) than {name} ({digest}); give its own as --outlines"
            );
            return Err(conflict("outlines", reason));
        }
        let sha256 = self.backgrounds.as_ref().map(UserBackgrounds::sha256);
        if settings.backgrounds.as_deref() != sha256 {
            let describe = |sha256: Option<&str>| match sha256 {
                Some(sha256) => format!("backgrounds with SHA-256 {sha256}"),
                None => "no backgrounds".to_owned(),
            };
            let reason = format!(
                "the run was made with {}, but {} are given; give its own as --backgrounds",
                describe(settings.backgrounds.as_deref()),
                describe(sha256)
            );
            return Err(conflict("backgrounds", reason));
        }
        match &settings.train {
            TrainRecord::UserImages(record) => self.training_images(record).map(|_| ()),
            TrainRecord::Distribution(_) => Ok(()),
        }
    }

    /// Returns the images that a run was trained on.
    pub(super) fn training_images(
        &self,
        record: &UserImagesRecord,
    ) -> Result<&UserImages, InvalidInput> {
        let is_same = |images: &&UserImages| {
            images.sha256() == record.sha256 && images.abnormal() == record.abnormal.as_deref()
        };
        let found = self.images.iter().find(is_same);
        found.ok_or_else(|| {
            let given: Vec<_> = self.images.iter().map(UserImages::sha256).collect();
            let given = match given.is_empty() {
                true => "none".to_owned(),
                false => given.join(", "),
            };
            let needed = &record.sha256;
            let reason = format!(
                "the run was trained on images with SHA-256 {needed}, but given: {given}; give its own as --train-images"
            );
            conflict("train", reason)
        })
    }
}
