//! Checks of the held-out fold: training, validation and test images remain for every seed.

use nodule_error::{InvalidInput, conflict};
use nodule_images::{LabelledImages, describe_single_class, normal_name};

use super::{Sources, in_table};
use crate::Error;
use crate::file::Study;
use crate::resolved::{TrainingGroups, TrainingSet, images_outside_fold, select_validation};
use crate::seeds::{SeedNumbers, derive_run_seeds};

/// Checks that the fold exists and leaves images for training, validation and testing, as far as files have been read.
pub(super) fn check_fold(study: &Study, sources: &Sources) -> Result<(), Error> {
    let training_images = || sources.train.iter().filter_map(TrainingSet::user_images);
    if let Some(fold) = &study.held_out {
        fold.validate().map_err(|e| in_table(e, "held_out"))?;
        if sources.backgrounds.is_none() && training_images().next().is_none() {
            let reason = "has no effect: the study has no [backgrounds] or training images with groups; remove it";
            return Err(conflict("[held_out]", reason).into());
        }
        if let Some(group) = fold
            .groups
            .keys()
            .find(|group| normal_name(group) != **group)
        {
            let reason = format!("write its normal form, \"{}\"", normal_name(group));
            return Err(conflict(format!("held_out.groups.\"{group}\""), reason).into());
        }
    }
    let fold = &study.fold();
    let mut training_groups = TrainingGroups::default();
    if let Some(backgrounds) = sources.backgrounds {
        backgrounds.check_fold(fold)?;
        let content = backgrounds.content().into_iter();
        training_groups.add_names(content.flat_map(|content| content.groups()).cloned());
    }
    for images in training_images() {
        let at_file = |e: InvalidInput| e.at(images.place());
        if let Some(content) = images.content() {
            let outside = images_outside_fold(content, fold).map_err(at_file)?;
            check_every_seed(study, images.name(), &outside).map_err(at_file)?;
            training_groups.add_images(content);
        }
    }
    for images in sources.images {
        if let Some(content) = images.content() {
            let testable = training_groups.select_testable(content, fold);
            testable.map_err(|e| e.at(images.place()))?;
        }
    }
    Ok(())
}

/// Checks that every seed has both classes of training and of validation images, and a batch of training images.
fn check_every_seed(
    study: &Study,
    name: &str,
    images: &LabelledImages,
) -> Result<(), InvalidInput> {
    let batch_size = study.max_batch_size();
    for seed in 0..study.seeds {
        let seeds = derive_run_seeds(study.root_seed, SeedNumbers::all(seed), name);
        let selected = select_validation(images, seeds.validation_data);
        for (split, is_validation, minimum) in
            [("training", false, batch_size), ("validation", true, 2)]
        {
            let labels: Vec<u8> = selected
                .iter()
                .zip(&images.labels)
                .filter_map(|(selected, label)| (*selected == is_validation).then_some(*label))
                .collect();
            let found = describe_single_class(&labels)
                .or_else(|| (labels.len() < minimum).then(|| format!("{} images", labels.len())));
            if let Some(found) = found {
                let needed = match is_validation {
                    true => "some images of both classes are needed: add groups".to_owned(),
                    false => format!(
                        "at least one batch (training.batch_size = {batch_size}) of both classes is needed: add groups, or use a smaller batch"
                    ),
                };
                let reason = format!("{found}; {needed}");
                return Err(conflict(format!("{split} images of seed {seed}"), reason));
            }
        }
    }
    Ok(())
}
