//! A set that networks are tested on: drawn from a distribution, or brought by the user.

use std::collections::BTreeSet;
use std::sync::Arc;

use nodule_error::refused;
use nodule_images::LabelledImages;
use nodule_study::Error;
use nodule_synth::{DataSet, Distribution, HeldOut};

/// Images with labels, and what is known of where they come from.
#[derive(Debug)]
pub enum TestImages {
    /// Of that distribution.
    Drawn(Distribution, DataSet),
    /// By the name that tables use.
    Given(String, Arc<LabelledImages>),
}

impl TestImages {
    /// Images of the user's own. Where a group of them is among those that networks are `trained_on`, only
    /// images whose groups are held out are left.
    ///
    /// # Errors
    /// If what is left is not of both classes.
    pub fn given(
        name: &str,
        images: Arc<LabelledImages>,
        trained_on: &BTreeSet<String>,
        held_out: HeldOut,
    ) -> Result<Self, Error> {
        let groups: Vec<_> = images.groups_by_name().collect();
        let mut left = images;
        if groups.iter().any(|group| trained_on.contains(group)) {
            left = Arc::new(left.only(|i| held_out.holds(&groups[i])));
            both_classes(&left.labels).map_err(|found| {
                let HeldOut { folds, fold } = held_out;
                let allowed = format!("images of both classes in fold {fold} of {folds}");
                refused(format!("labels of {name} that are held out"), found, allowed)
            })?;
        }
        Ok(Self::Given(name.to_owned(), left))
    }

    /// What tables call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Drawn(distribution, _) => &distribution.name,
            Self::Given(name, _) => name,
        }
    }

    /// `[n, size, size]`.
    #[must_use]
    pub fn images(&self) -> &[f32] {
        match self {
            Self::Drawn(_, data) => &data.images,
            Self::Given(_, given) => &given.images,
        }
    }

    /// `[n]`: 0 normal, 1 abnormal.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        match self {
            Self::Drawn(_, data) => &data.labels,
            Self::Given(_, given) => &given.labels,
        }
    }

    /// Shape and texture of an image: levels of what was drawn, ratings of what was given.
    #[must_use]
    pub fn modes(&self, i: usize) -> [Option<f64>; 2] {
        match self {
            Self::Drawn(_, data) => [data.latents[i].shape, data.latents[i].texture].map(Some),
            Self::Given(_, given) => {
                let rating = |ratings: &Option<Vec<f64>>| ratings.as_ref().map(|all| all[i]);
                [rating(&given.shape), rating(&given.texture)]
            }
        }
    }
}

/// Refuses labels of one class alone, in words.
pub fn both_classes(labels: &[u8]) -> Result<(), String> {
    let of = |class: u8| labels.iter().filter(|label| **label == class).count();
    match [of(0), of(1)] {
        [0, 0] => Err("none".to_owned()),
        [n, 0] => Err(format!("all {n} normal")),
        [0, n] => Err(format!("all {n} abnormal")),
        _ => Ok(()),
    }
}
