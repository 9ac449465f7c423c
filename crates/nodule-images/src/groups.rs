//! Groups of images, such as those of one patient, as indices with names.

use std::collections::BTreeMap;

use nodule_error::{InvalidInput, conflict, invalid_value};

use crate::names::{is_missing, normal_name};

/// The group of each image.
pub(crate) struct Groups {
    /// Index of each image's group `[n]`, from 0 in the order of first appearance.
    pub(crate) indices: Vec<usize>,
    /// Name of each group, in its normal form.
    pub(crate) names: Vec<String>,
}

impl Groups {
    /// Returns the groups of images whose groups have these names in a file `[n]`.
    ///
    /// # Errors
    /// If a name is empty or stands for a missing value, or if two spellings have one normal form.
    pub(crate) fn from_file(spellings: &[String]) -> Result<Self, InvalidInput> {
        let mut spelling_of = BTreeMap::<String, (usize, &str)>::new();
        let mut normal = Vec::with_capacity(spellings.len());
        for (i, spelling) in spellings.iter().enumerate() {
            let name = normal_name(spelling);
            if is_missing(&name) {
                let field = format!("group of image {i}");
                return Err(invalid_value(
                    field,
                    format!("\"{spelling}\""),
                    "a name or a number",
                ));
            }
            let (first, known) = *spelling_of.entry(name.clone()).or_insert((i, spelling));
            if known != spelling {
                let reason = format!(
                    "\"{known}\" (image {first}) and \"{spelling}\" (image {i}) are spellings of one name; write one of them, or rename one group"
                );
                return Err(conflict("group", reason));
            }
            normal.push(name);
        }
        Ok(Self::from_names(normal))
    }

    /// Returns the groups of images whose groups have these names in normal form `[n]`.
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
