//! The images that a run is trained and validated on: drawn, or the user's own.

use nodule_battery::sets::both_classes;
use nodule_error::refused;
use nodule_images::LabelledImages;
use nodule_seed::derive;
use nodule_study::records::RunSeeds;
use nodule_study::settings::Samples;
use nodule_study::Error;
use nodule_synth::{DataSet, Distribution, Generator, HeldOut, generate};
use nodule_train::Examples;

/// Of the user's own images that are not held out, those of one group in so many validate (*ours*).
const VALIDATION_SHARE: u64 = 5;

/// Images with labels, and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Labelled {
    /// Width and height, in pixels.
    pub(crate) image_size: usize,
    /// `[n, size, size]`.
    pub(crate) images: Vec<f32>,
    /// `[n]`: 0 normal, 1 abnormal.
    pub(crate) labels: Vec<u8>,
}

/// What a run is trained on, and what it is validated on.
#[derive(Debug)]
pub(crate) struct OwnSets {
    pub(crate) training: Labelled,
    pub(crate) validation: Labelled,
}

impl OwnSets {
    /// Images of `distribution`, as many as `samples` says.
    pub(crate) fn drawn(
        generator: &Generator,
        distribution: &Distribution,
        samples: &Samples,
        seeds: &RunSeeds,
    ) -> Result<Self, Error> {
        let draw = |seed, n| Ok::<_, Error>(generate(generator, distribution, seed, n)?.into());
        Ok(Self {
            training: draw(seeds.train_data, samples.train)?,
            validation: draw(seeds.validation_data, samples.validation)?,
        })
    }

    /// All images whose groups are not held out: a fifth of these groups, which the seed chooses, validates.
    ///
    /// # Errors
    /// If either is not of both classes.
    pub(crate) fn given(
        given: &LabelledImages,
        name: &str,
        held_out: HeldOut,
        seeds: &RunSeeds,
    ) -> Result<Self, Error> {
        let groups: Vec<_> = given.groups_by_name().collect();
        let validates = |group: &str| {
            let draw = derive(seeds.validation_data, &["validation", group]);
            draw % VALIDATION_SHARE == 0
        };
        let part = |what: &str, validation: bool| {
            let of_part =
                |i: usize| !held_out.holds(&groups[i]) && validates(&groups[i]) == validation;
            let images = given.only(of_part);
            both_classes(&images.labels).map_err(|found| {
                let HeldOut { folds, fold } = held_out;
                let allowed = format!("images of both classes outside fold {fold} of {folds}");
                refused(format!("labels of {name}, {what}"), found, allowed)
            })?;
            Ok::<_, Error>(Labelled {
                image_size: images.image_size,
                images: images.images,
                labels: images.labels,
            })
        };
        Ok(Self {
            training: part("training", false)?,
            validation: part("validation", true)?,
        })
    }
}

impl Labelled {
    /// As training takes them.
    pub(crate) fn examples(&self) -> Result<Examples<'_>, Error> {
        Ok(Examples::new(self.image_size, &self.images, &self.labels)?)
    }
}

impl From<DataSet> for Labelled {
    fn from(data: DataSet) -> Self {
        Self {
            image_size: data.image_size,
            images: data.images,
            labels: data.labels,
        }
    }
}
