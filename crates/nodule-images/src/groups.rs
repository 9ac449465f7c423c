//! Groups of images, such as those of one patient, as indices with names.

use std::collections::BTreeMap;

/// The group of each image.
pub(crate) struct Groups {
    /// Index of each image's group `[n]`, from 0 in the order of first appearance.
    pub(crate) indices: Vec<usize>,
    /// Name of each group.
    pub(crate) names: Vec<String>,
}

impl Groups {
    /// Returns the groups of images whose groups have these names `[n]`.
    pub(crate) fn from_names(names_of_images: impl IntoIterator<Item = String>) -> Self {
        let mut known = BTreeMap::new();
        let mut names = Vec::new();
        let indices = names_of_images.into_iter().map(|name| {
            *known.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            })
        });
        let indices = indices.collect();
        Self { indices, names }
    }
}
