//! The images that a run is trained and validated on: drawn, or the user's own.

use crate::Error;
use nodule_error::invalid_value;
use nodule_images::{LabelledImages, describe_single_class};
use nodule_study::records::RunSeeds;
use nodule_study::settings::{Samples, images_outside_fold, is_validation_group};
use nodule_synth::{DataSet, Distribution, Fold, Generator};
use nodule_train::Dataset;

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
        let draw = |seed, n| Ok::<_, Error>(generator.generate(distribution, seed, 0..n)?.into());
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
        held_out: Fold,
        seeds: &RunSeeds,
    ) -> Result<Self, Error> {
        let left = images_outside_fold(given, held_out).map_err(|e| e.at(&given.name))?;
        let groups: Vec<_> = left.groups_by_name().collect();
        let part = |what: &str, validation: bool| {
            let of_part =
                |i: usize| is_validation_group(seeds.validation_data, &groups[i]) == validation;
            let images = left.filter(of_part);
            match describe_single_class(&images.labels) {
                None => Ok(Labelled {
                    image_size: images.image_size,
                    images: images.images,
                    labels: images.labels,
                }),
                Some(found) => {
                    let allowed = "some of both classes: more groups, or another seed";
                    let refused = invalid_value(format!("{what} labels"), found, allowed);
                    Err(Error::from(refused.at(&given.name)))
                }
            }
        };
        Ok(Self {
            training: part("training", false)?,
            validation: part("validation", true)?,
        })
    }
}

impl Labelled {
    /// As training takes them.
    pub(crate) fn examples(&self) -> Result<Dataset<'_>, Error> {
        Ok(Dataset::new(self.image_size, &self.images, &self.labels)?)
    }
}

impl From<DataSet> for Labelled {
    fn from(data: DataSet) -> Self {
        let labels = data.class_indices();
        Self {
            image_size: data.image_size,
            images: data.images,
            labels,
        }
    }
}
