//! Which real images networks are trained on, and which are kept to ask them: no group is for both.

use std::collections::BTreeSet;
use std::sync::Arc;

use nodule_error::{InvalidInput, invalid_value};
use nodule_images::{LabelledImages, describe_single_class};
use nodule_seed::derive;
use nodule_synth::Fold;

use super::check::Names;
use super::require::require;
use super::{Study, TrainingSet};
use crate::Error;
use crate::seeds::{SeedNumbers, derive_run_seeds};

/// Of the images that may be trained on, those of one group in so many validate (*ours*).
const VALIDATION_SHARE: u64 = 5;

/// The images that may be trained on: those whose groups are not held out.
///
/// # Errors
/// If they are not of both classes.
pub fn left_to_train(
    images: &LabelledImages,
    held_out: Fold,
) -> Result<LabelledImages, InvalidInput> {
    let kept = of_both_classes(images, held_out, false)?;
    Ok(images.filter(|i| kept[i]))
}

/// Whether the images of that group validate a run whose validation images have that seed, and do not train it.
#[must_use]
pub fn validates(validation_seed: u64, group: &str) -> bool {
    derive(validation_seed, &["validation", group]).is_multiple_of(VALIDATION_SHARE)
}

/// The images of a test set that may be asked: all of them, or where one of their groups is among those that
/// are `trained_on`, those whose groups are held out.
///
/// # Errors
/// If these are not of both classes.
pub fn left_to_ask(
    images: &Arc<LabelledImages>,
    trained_on: &BTreeSet<String>,
    held_out: Fold,
) -> Result<Arc<LabelledImages>, InvalidInput> {
    if !shares(images, trained_on) {
        return Ok(Arc::clone(images));
    }
    let kept = of_both_classes(images, held_out, true)?;
    Ok(Arc::new(images.filter(|i| kept[i])))
}

/// Whether a group of the images is among those.
fn shares(images: &LabelledImages, groups: &BTreeSet<String>) -> bool {
    images.groups_by_name().any(|group| groups.contains(&group))
}

/// Which images are of groups that are held out, or of those that are not; there must be both classes.
fn of_both_classes(
    images: &LabelledImages,
    held_out: Fold,
    held: bool,
) -> Result<Vec<bool>, InvalidInput> {
    let groups = images.groups_by_name();
    let kept: Vec<bool> = groups.map(|g| held_out.contains(&g) == held).collect();
    let labels = images.labels.iter().zip(&kept);
    let labels: Vec<u8> = labels
        .filter_map(|(label, kept)| kept.then_some(*label))
        .collect();
    let Some(found) = describe_single_class(&labels) else {
        return Ok(kept);
    };
    let Fold { folds, fold } = held_out;
    let place = if held { "in" } else { "outside" };
    let allowed = format!("some of both classes {place} fold {fold} of {folds}");
    Err(invalid_value("labels", found, allowed))
}

/// Refuses a fold that there is not or that leaves nothing to train on or to ask, as far as the files have been
/// read; and one of nothing.
pub(super) fn check_held_out(study: &Study, names: &Names) -> Result<(), Error> {
    let place = |e: InvalidInput| Error::from(e.at(names.place));
    let given = names.train.iter().filter_map(TrainingSet::given);
    if let Some(held_out) = study.held_out {
        held_out.validate().map_err(|e| match e {
            nodule_synth::Error::Setting(refused) => place(refused.in_table("held_out")),
            other => other.into(),
        })?;
        require(
            names.place,
            names.backgrounds.is_some() || given.clone().count() > 0,
            "[held_out]",
            "there",
            "left out where neither [backgrounds] nor images to train on are given: nothing else has groups",
        )?;
    }
    let held_out = study.fold();
    let mut trained_on = BTreeSet::new();
    if let Some(given) = names.backgrounds {
        given.check_fold(held_out)?;
        let read = given.already_read().into_iter();
        trained_on.extend(read.flat_map(|read| read.groups()).cloned());
    }
    for given in given {
        if let Some(read) = given.already_read() {
            let left = left_to_train(read, held_out).map_err(|e| e.at(given.place()))?;
            enough_for_every_seed(study, &given.name, &left).map_err(|e| e.at(given.place()))?;
            trained_on.extend(read.groups_by_name());
        }
    }
    for given in names.images {
        if let Some(read) = given
            .already_read()
            .filter(|read| shares(read, &trained_on))
        {
            of_both_classes(read, held_out, true).map_err(|e| e.at(given.place()))?;
        }
    }
    Ok(())
}

/// Refuses images of which some seed of the study has too few to train or to validate: less than a batch, or one
/// class alone.
fn enough_for_every_seed(
    study: &Study,
    name: &str,
    left: &LabelledImages,
) -> Result<(), InvalidInput> {
    let groups: Vec<_> = left.groups_by_name().collect();
    let batch = study.largest_batch();
    for seed in 0..study.seeds {
        let seeds = derive_run_seeds(study.root_seed, SeedNumbers::all(seed), name);
        for (what, validation) in [("training", false), ("validation", true)] {
            let of_part = groups.iter().zip(&left.labels);
            let of_part =
                of_part.filter(|(group, _)| validates(seeds.validation_data, group) == validation);
            let labels: Vec<u8> = of_part.map(|(_, label)| *label).collect();
            let found = describe_single_class(&labels)
                .or_else(|| (labels.len() < batch).then(|| labels.len().to_string()));
            if let Some(found) = found {
                let allowed = format!(
                    "at least one batch (training.batch_size = {batch}) of both classes: more groups, or a smaller batch"
                );
                let field = format!("{what} images of seed {seed}");
                return Err(invalid_value(field, found, allowed));
            }
        }
    }
    Ok(())
}
