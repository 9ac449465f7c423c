//! Held-out fold: which of the user's own images train, validate and test. No group is in two of these.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nodule_error::{InvalidInput, conflict};
use nodule_images::{LabelledImages, describe_single_class};
use nodule_seed::derive;
use nodule_synth::{Fold, balance_folds};

/// One group in so many validates a run, of those outside the held-out fold (*ours*).
const VALIDATION_SHARE: usize = 5;
/// Seed of the folds, so that the same files have the same folds in every study.
const FOLD_SEED: u64 = 0;

/// Groups of training images and backgrounds, including those of the held-out fold.
#[derive(Debug, Clone, Default)]
pub struct TrainingGroups {
    names: BTreeSet<String>,
    /// Groups of each training image, by the image's id: one, or several if files name them differently.
    by_image: BTreeMap<String, BTreeSet<String>>,
}

/// Images of a test set that networks may be tested on.
#[derive(Debug, Clone)]
pub struct TestableImages {
    /// The images.
    pub images: Arc<LabelledImages>,
    /// For each image, its group of the held-out fold; `None` if the training images have none of its group.
    pub held_out: Vec<Option<String>>,
}

impl TrainingGroups {
    /// Adds the groups of backgrounds.
    pub fn add_names(&mut self, names: impl IntoIterator<Item = String>) {
        self.names.extend(names);
    }

    /// Adds the groups of training images.
    pub fn add_images(&mut self, images: &LabelledImages) {
        for (group, id) in images.groups_by_name().zip(&images.image_ids) {
            self.names.insert(group.clone());
            self.by_image.entry(id.clone()).or_default().insert(group);
        }
    }

    /// Returns the images of a test set that networks may be tested on: those in the held-out fold, and those whose
    /// group is in no training set. An image that equals a training image belongs to its group, whatever the test set
    /// calls it.
    ///
    /// # Errors
    /// If a class is missing among them.
    pub fn select_testable(
        &self,
        images: &Arc<LabelledImages>,
        fold: &Fold,
    ) -> Result<TestableImages, InvalidInput> {
        let groups: Vec<BTreeSet<String>> = images
            .groups_by_name()
            .zip(&images.image_ids)
            .map(|(group, id)| {
                let same_image = self.by_image.get(id).into_iter().flatten().cloned();
                let own = self.names.get(&group).cloned();
                own.into_iter().chain(same_image).collect()
            })
            .collect();
        let is_testable =
            |groups: &BTreeSet<String>| groups.iter().all(|group| fold.contains(group));
        let selected: Vec<bool> = groups.iter().map(is_testable).collect();
        let held_out = groups
            .iter()
            .zip(&selected)
            .filter(|(_, selected)| **selected);
        let held_out = held_out
            .map(|(groups, _)| groups.first().cloned())
            .collect();
        if selected.iter().all(|selected| *selected) {
            let images = Arc::clone(images);
            return Ok(TestableImages { images, held_out });
        }
        check_classes(images, &selected, fold, "in")?;
        let images = Arc::new(images.filter(|i| selected[i]));
        Ok(TestableImages { images, held_out })
    }
}

/// Returns the fold of each group of the training images `sets`. Every fold has about the same share of the groups and of
/// the images of each class of each set.
pub(crate) fn assign_folds(sets: &[Arc<LabelledImages>], folds: usize) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::<String, Vec<usize>>::new();
    for (i, images) in sets.iter().enumerate() {
        for (group, label) in images.groups_by_name().zip(&images.labels) {
            let size = sizes.entry(group);
            let size = size.or_insert_with(|| vec![0; 2 * sets.len()]);
            size[2 * i + usize::from(*label)] += 1;
        }
    }
    balance_folds(&sizes, folds, FOLD_SEED)
}

/// Returns the images outside the held-out fold, which networks may be trained on.
///
/// # Errors
/// If a class is missing among them.
pub fn images_outside_fold(
    images: &LabelledImages,
    fold: &Fold,
) -> Result<LabelledImages, InvalidInput> {
    let selected: Vec<bool> = images
        .groups_by_name()
        .map(|group| !fold.contains(&group))
        .collect();
    check_classes(images, &selected, fold, "outside")?;
    Ok(images.filter(|i| selected[i]))
}

/// Returns for each image outside the held-out fold whether it validates a run with this validation seed, and does not
/// train it. About a fifth of the groups and of the images of each class do.
#[must_use]
pub fn select_validation(images: &LabelledImages, validation_seed: u64) -> Vec<bool> {
    let groups: Vec<String> = images.groups_by_name().collect();
    let distinct: BTreeSet<&String> = groups.iter().collect();
    let parts = VALIDATION_SHARE.min(distinct.len()).max(1);
    let part_of = {
        let mut sizes = BTreeMap::<String, Vec<usize>>::new();
        for (group, label) in groups.iter().zip(&images.labels) {
            let size = sizes.entry(group.clone()).or_insert_with(|| vec![0; 2]);
            size[usize::from(*label)] += 1;
        }
        balance_folds(&sizes, parts, validation_seed)
    };
    let select = |part: usize| -> Vec<bool> { groups.iter().map(|g| part_of[g] == part).collect() };
    let has_both_classes = |selected: &Vec<bool>| {
        [false, true].into_iter().all(|is_validation| {
            let labels = labels_where(images, |i| selected[i] == is_validation);
            describe_single_class(&labels).is_none()
        })
    };
    // Any part will do; the first one that leaves both classes on both sides is taken.
    let start = (derive(validation_seed, &["validation"]) % parts as u64) as usize;
    let candidates = || (0..parts).map(|i| select((start + i) % parts));
    candidates()
        .find(has_both_classes)
        .unwrap_or_else(|| select(start))
}

/// Checks that both classes are among the selected images, which lie `place` ("in" or "outside") of the fold.
fn check_classes(
    images: &LabelledImages,
    selected: &[bool],
    fold: &Fold,
    place: &str,
) -> Result<(), InvalidInput> {
    let Some(found) = describe_single_class(&labels_where(images, |i| selected[i])) else {
        return Ok(());
    };
    let Fold { folds, fold, .. } = fold;
    let reason = format!("{found} {place} fold {fold} of {folds}; both classes are needed there");
    Err(conflict("labels", reason))
}

fn labels_where(images: &LabelledImages, keep: impl Fn(usize) -> bool) -> Vec<u8> {
    let labels = images.labels.iter().enumerate();
    labels
        .filter_map(|(i, label)| keep(i).then_some(*label))
        .collect()
}
