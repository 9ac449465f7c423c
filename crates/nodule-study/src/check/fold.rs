//! Checks of the held-out fold: training, validation and test images remain for every seed.

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, conflict};
use nodule_images::{LabelledImages, describe_single_class};

use super::{Sources, in_table};
use crate::Error;
use crate::file::Study;
use crate::resolved::{
    TrainingSet, images_outside_fold, is_validation_group, select_by_fold, shares_group,
};
use crate::seeds::{SeedNumbers, derive_run_seeds};

/// Checks that the fold exists and leaves images for training, validation and testing, as far as files have been read.
pub(super) fn check_fold(study: &Study, sources: &Sources) -> Result<(), Error> {
    let training_images = || sources.train.iter().filter_map(TrainingSet::user_images);
    if let Some(fold) = study.held_out {
        fold.validate().map_err(|e| in_table(e, "held_out"))?;
        if sources.backgrounds.is_none() && training_images().next().is_none() {
            let reason = "has no effect: the study has no [backgrounds] or training images with groups; remove it";
            return Err(conflict("[held_out]", reason).into());
        }
    }
    let fold = study.fold();
    let mut training_groups = BTreeSet::new();
    if let Some(backgrounds) = sources.backgrounds {
        backgrounds.check_fold(fold)?;
        let content = backgrounds.content().into_iter();
        training_groups.extend(content.flat_map(|content| content.groups()).cloned());
    }
    for images in training_images() {
        let at_file = |e: InvalidInput| e.at(images.place());
        if let Some(content) = images.content() {
            let outside = images_outside_fold(content, fold).map_err(at_file)?;
            check_every_seed(study, images.name(), &outside).map_err(at_file)?;
            training_groups.extend(content.groups_by_name());
        }
    }
    for images in sources.images {
        let content = images.content();
        if let Some(content) = content.filter(|content| shares_group(content, &training_groups)) {
            select_by_fold(content, fold, true).map_err(|e| e.at(images.place()))?;
        }
    }
    Ok(())
}

/// Checks that every seed has a batch and both classes of training and of validation images.
fn check_every_seed(
    study: &Study,
    name: &str,
    images: &LabelledImages,
) -> Result<(), InvalidInput> {
    let groups: Vec<_> = images.groups_by_name().collect();
    let batch_size = study.max_batch_size();
    for seed in 0..study.seeds {
        let seeds = derive_run_seeds(study.root_seed, SeedNumbers::all(seed), name);
        for (split, is_validation) in [("training", false), ("validation", true)] {
            let labels: Vec<u8> = groups
                .iter()
                .zip(&images.labels)
                .filter(|(group, _)| {
                    is_validation_group(seeds.validation_data, group) == is_validation
                })
                .map(|(_, label)| *label)
                .collect();
            let found = describe_single_class(&labels).or_else(|| {
                (labels.len() < batch_size).then(|| format!("{} images", labels.len()))
            });
            if let Some(found) = found {
                let reason = format!(
                    "{found}; at least one batch (training.batch_size = {batch_size}) of both classes is needed: add groups, or use a smaller batch"
                );
                return Err(conflict(format!("{split} images of seed {seed}"), reason));
            }
        }
    }
    Ok(())
}
