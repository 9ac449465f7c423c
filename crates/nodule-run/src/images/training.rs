//! Training and validation images of a run: generated from a distribution, or images of the user.

use nodule_error::invalid_value;
use nodule_images::{LabelledImages, describe_single_class};
use nodule_study::records::RunSeeds;
use nodule_study::settings::{Samples, images_outside_fold, select_validation};
use nodule_synth::{DataSet, Distribution, Fold, Generator};
use nodule_train::Dataset;

use crate::Error;

/// Images with their class indices.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LabelledSet {
    /// Width and height in pixels.
    pub(crate) image_size: usize,
    /// Intensities `[n, size, size]`.
    pub(crate) images: Vec<f32>,
    /// Labels `[n]`: 0 normal, 1 abnormal.
    pub(crate) labels: Vec<u8>,
}

/// Training and validation images of one run.
#[derive(Debug)]
pub(crate) struct RunImages {
    pub(crate) training: LabelledSet,
    pub(crate) validation: LabelledSet,
}

impl RunImages {
    /// Generates images of `distribution`, as many as `samples` says.
    pub(crate) fn generate(
        generator: &Generator,
        distribution: &Distribution,
        samples: &Samples,
        seeds: &RunSeeds,
    ) -> Result<Self, Error> {
        let generate =
            |seed, n| Ok::<_, Error>(generator.generate(distribution, seed, 0..n)?.into());
        Ok(Self {
            training: generate(seeds.train_data, samples.train)?,
            validation: generate(seeds.validation_data, samples.validation)?,
        })
    }

    /// Splits the user's images whose groups are not in `fold`: about a fifth of the groups and of the images of each class,
    /// selected by the seed, is for validation and the others are for training.
    ///
    /// # Errors
    /// If a split lacks one of the classes.
    pub(crate) fn split_images(
        images: &LabelledImages,
        fold: &Fold,
        seeds: &RunSeeds,
    ) -> Result<Self, Error> {
        let kept = images_outside_fold(images, fold).map_err(|e| e.at(&images.name))?;
        let validates = select_validation(&kept, seeds.validation_data);
        let select = |split: &str, is_validation: bool| {
            let split_images = kept.filter(|i| validates[i] == is_validation);
            match describe_single_class(&split_images.labels) {
                None => Ok(LabelledSet {
                    image_size: split_images.image_size,
                    images: split_images.images,
                    labels: split_images.labels,
                }),
                Some(found) => {
                    let allowed = "some of both classes: more groups, or another seed";
                    let error = invalid_value(format!("{split} labels"), found, allowed);
                    Err(Error::from(error.at(&images.name)))
                }
            }
        };
        Ok(Self {
            training: select("training", false)?,
            validation: select("validation", true)?,
        })
    }
}

impl LabelledSet {
    /// Returns the set as a dataset of `nodule-train`.
    pub(crate) fn dataset(&self) -> Result<Dataset<'_>, Error> {
        Ok(Dataset::new(self.image_size, &self.images, &self.labels)?)
    }
}

impl From<DataSet> for LabelledSet {
    fn from(data: DataSet) -> Self {
        let labels = data.class_indices();
        Self {
            image_size: data.image_size,
            images: data.images,
            labels,
        }
    }
}
