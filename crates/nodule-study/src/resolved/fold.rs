//! Held-out fold: which of the user's own images train, validate and test. No group is in two of these.

use std::collections::BTreeSet;
use std::sync::Arc;

use nodule_error::{InvalidInput, conflict};
use nodule_images::{LabelledImages, describe_single_class};
use nodule_seed::derive;
use nodule_synth::Fold;

/// One group in so many validates a run, of those outside the held-out fold (*ours*).
const VALIDATION_SHARE: u64 = 5;

/// Returns the images outside the held-out fold, which networks may be trained on.
///
/// # Errors
/// If a class is missing among them.
pub fn images_outside_fold(
    images: &LabelledImages,
    fold: Fold,
) -> Result<LabelledImages, InvalidInput> {
    let selected = select_by_fold(images, fold, false)?;
    Ok(images.filter(|i| selected[i]))
}

/// Returns the images of a test set that networks may be tested on: all, or those in the held-out fold if one of their
/// groups is among `training_groups`.
///
/// # Errors
/// If a class is missing among them.
pub fn images_in_fold(
    images: &Arc<LabelledImages>,
    training_groups: &BTreeSet<String>,
    fold: Fold,
) -> Result<Arc<LabelledImages>, InvalidInput> {
    if !shares_group(images, training_groups) {
        return Ok(Arc::clone(images));
    }
    let selected = select_by_fold(images, fold, true)?;
    Ok(Arc::new(images.filter(|i| selected[i])))
}

/// Whether the images of a group validate a run with this validation seed, and do not train it.
#[must_use]
pub fn is_validation_group(validation_seed: u64, group: &str) -> bool {
    derive(validation_seed, &["validation", group]).is_multiple_of(VALIDATION_SHARE)
}

/// Whether a group of the images is among `groups`.
pub(crate) fn shares_group(images: &LabelledImages, groups: &BTreeSet<String>) -> bool {
    images.groups_by_name().any(|group| groups.contains(&group))
}

/// Returns for each image whether its group is in the fold (`inside`) or outside of it. Both classes must remain.
pub(crate) fn select_by_fold(
    images: &LabelledImages,
    fold: Fold,
    inside: bool,
) -> Result<Vec<bool>, InvalidInput> {
    let selected: Vec<bool> = images
        .groups_by_name()
        .map(|group| fold.contains(&group) == inside)
        .collect();
    let labels: Vec<u8> = images
        .labels
        .iter()
        .zip(&selected)
        .filter_map(|(label, selected)| selected.then_some(*label))
        .collect();
    let Some(found) = describe_single_class(&labels) else {
        return Ok(selected);
    };
    let Fold { folds, fold } = fold;
    let place = if inside { "in" } else { "outside" };
    let reason = format!("{found} {place} fold {fold} of {folds}; both classes are needed there");
    Err(conflict("labels", reason))
}
