//! Checks of images from a file: values, classes and groups.

use std::path::Path;

use nodule_error::{InvalidInput, conflict, invalid_value};

use crate::groups::Groups;
use crate::{Error, GroupedImages, LabelledImages};

/// Images from a file before checks. Intensities are in [0, 1] if the file stored integers.
pub(crate) struct Unchecked {
    pub(crate) name: String,
    pub(crate) image_size: usize,
    pub(crate) images: Vec<f32>,
    pub(crate) labels: Vec<i64>,
    pub(crate) masks: Option<Vec<u8>>,
    pub(crate) groups: Option<Groups>,
    pub(crate) shape: Option<Vec<f64>>,
    pub(crate) texture: Option<Vec<f64>>,
    pub(crate) sha256: String,
}

/// Returns the images if every value is valid and both classes occur.
///
/// # Errors
/// With the image or array, its value and what is allowed.
pub(crate) fn check_labelled(images: Unchecked, path: &Path) -> Result<LabelledImages, Error> {
    check_values(&images).map_err(|e| e.at(path.to_string_lossy()))?;
    let (groups, group_names) = match images.groups {
        Some(groups) => (Some(groups.indices), groups.names),
        None => (None, Vec::new()),
    };
    Ok(LabelledImages {
        name: images.name,
        image_size: images.image_size,
        images: images.images,
        labels: images.labels.iter().map(|l| u8::from(*l == 1)).collect(),
        masks: images.masks,
        groups,
        group_names,
        shape: images.shape,
        texture: images.texture,
        sha256: images.sha256,
    })
}

fn check_values(images: &Unchecked) -> Result<(), InvalidInput> {
    let pixels = images.image_size * images.image_size;
    if images.labels.is_empty() || pixels == 0 {
        return Err(invalid_value("images", "none", "at least two, with pixels"));
    }
    check_intensities(&images.images, pixels)?;
    let masks = images.masks.as_deref().unwrap_or_default();
    if let Some(at) = masks.iter().position(|v| *v > 1) {
        let field = format!("mask of image {}", at / pixels);
        return Err(invalid_value(field, masks[at], "0 or 1"));
    }
    for (i, label) in images.labels.iter().enumerate() {
        if !(0..=1).contains(label) {
            let allowed = "0 (normal) or 1 (abnormal)";
            return Err(invalid_value(format!("label of image {i}"), label, allowed));
        }
    }
    for (field, ratings) in [("shape", &images.shape), ("texture", &images.texture)] {
        let ratings = ratings.iter().flatten();
        if let Some((i, value)) = ratings.enumerate().find(|(_, v)| !v.is_finite()) {
            let field = format!("{field} of image {i}");
            return Err(invalid_value(field, value, "a finite number"));
        }
    }
    let first = images.labels[0];
    if images.labels.iter().all(|label| *label == first) {
        let reason = format!("all are {first}; both classes, 0 and 1, are needed");
        return Err(conflict("labels", reason));
    }
    if let Some(groups) = &images.groups
        && groups.names.len() == 1
    {
        let reason = "all images are in one group; intervals need at least two groups";
        return Err(conflict("group", reason));
    }
    Ok(())
}

/// Returns the images if there are any and every intensity is valid.
///
/// # Errors
/// With the image, its value and what is allowed.
pub(crate) fn check_grouped(images: GroupedImages, path: &Path) -> Result<GroupedImages, Error> {
    let place = path.to_string_lossy();
    let pixels = images.image_size * images.image_size;
    if images.groups.is_empty() {
        return Err(invalid_value("images", "none", "at least one")
            .at(place)
            .into());
    }
    check_intensities(&images.images, pixels).map_err(|e| e.at(place))?;
    Ok(images)
}

/// Checks that every intensity is finite and in [0, 1].
fn check_intensities(images: &[f32], pixels: usize) -> Result<(), InvalidInput> {
    let allowed = "an intensity from 0 to 1 in float32, or 0 to 255 in uint8";
    match images.iter().position(|v| !(0.0..=1.0).contains(v)) {
        Some(at) => {
            let field = format!("image {}", at / pixels);
            Err(invalid_value(field, images[at], allowed))
        }
        None => Ok(()),
    }
}

/// Returns the name of a file without extension, or of a folder.
pub(crate) fn name_of_path(path: &Path) -> String {
    let absolute = path.canonicalize();
    let absolute = absolute.as_deref().unwrap_or(path);
    let stem = match absolute.is_dir() {
        true => absolute.file_name(),
        false => absolute.file_stem(),
    };
    stem.unwrap_or_default().to_string_lossy().into_owned()
}
