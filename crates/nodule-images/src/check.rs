//! Checks of images from a file: values, classes and groups.

use std::collections::BTreeMap;
use std::path::Path;

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_seed::sha256_hex;

use crate::groups::Groups;
use crate::{Error, GroupedImages, LabelledImages};

/// Images from a file before checks. Intensities are in [0, 1] if the file stored integers.
pub(crate) struct Unchecked {
    pub(crate) name: String,
    pub(crate) image_size: usize,
    pub(crate) images: Vec<f32>,
    /// Labels as the file has them.
    pub(crate) labels: Vec<String>,
    pub(crate) masks: Option<Vec<u8>>,
    pub(crate) groups: Option<Groups>,
    pub(crate) shape: Option<Vec<f64>>,
    pub(crate) texture: Option<Vec<f64>>,
    pub(crate) sha256: String,
}

/// Returns the images if every value is valid and both classes occur. `abnormal` is the label of the abnormal class;
/// `None` if labels are 0 and 1.
///
/// # Errors
/// With the image or array, its value and what is allowed.
pub(crate) fn check_labelled(
    images: Unchecked,
    abnormal: Option<&str>,
    path: &Path,
) -> Result<LabelledImages, Error> {
    let at_file = |e: InvalidInput| e.at(path.to_string_lossy());
    check_values(&images).map_err(at_file)?;
    let labels = find_classes(&images.labels, abnormal).map_err(at_file)?;
    let image_ids = identify(&images.images, images.image_size);
    check_distinct(&image_ids).map_err(at_file)?;
    let (groups, group_names) = match images.groups {
        Some(groups) => (Some(groups.indices), groups.names),
        None => (None, Vec::new()),
    };
    Ok(LabelledImages {
        name: images.name,
        image_size: images.image_size,
        images: images.images,
        labels,
        masks: images.masks,
        groups,
        group_names,
        image_ids,
        shape: images.shape,
        texture: images.texture,
        sha256: images.sha256,
    })
}

/// Returns the SHA-256 of each image's intensities, cut to 128 bits in hexadecimal.
fn identify(images: &[f32], image_size: usize) -> Vec<String> {
    let pixels = image_size * image_size;
    let identify = |image: &[f32]| {
        // Adding zero makes -0 and 0 equal.
        let bytes: Vec<u8> = image.iter().flat_map(|v| (v + 0.0).to_le_bytes()).collect();
        let mut id = sha256_hex(&bytes);
        id.truncate(32);
        id
    };
    images.chunks(pixels).map(identify).collect()
}

/// Checks that no image occurs twice: a copy would count as evidence of its own.
fn check_distinct(image_ids: &[String]) -> Result<(), InvalidInput> {
    let mut first = BTreeMap::new();
    for (i, id) in image_ids.iter().enumerate() {
        if let Some(first) = first.insert(id, i) {
            let reason =
                format!("images {first} and {i} (from 0) are the same; remove one of them");
            return Err(conflict("images", reason));
        }
    }
    Ok(())
}

/// Returns 0 (normal) or 1 (abnormal) for each label. Both occur.
fn find_classes(labels: &[String], abnormal: Option<&str>) -> Result<Vec<u8>, InvalidInput> {
    let mut names: Vec<&str> = labels.iter().map(|label| label.trim()).collect();
    let classes: Vec<u8> = match abnormal.map(str::trim) {
        Some(abnormal) => names
            .iter()
            .map(|name| u8::from(*name == abnormal))
            .collect(),
        None => numbers_as_classes(&names)?,
    };
    names.sort_unstable();
    names.dedup();
    if let Some(abnormal) = abnormal {
        if names.len() != 2 {
            let reason = format!("{} classes ({}); two are needed", names.len(), list(&names));
            return Err(conflict("labels", reason));
        }
        if !names.contains(&abnormal.trim()) {
            return Err(invalid_value("abnormal", abnormal, one_of(&names)).suggest_value(&names));
        }
    }
    if classes.iter().all(|class| *class == classes[0]) {
        let reason = format!("all are {}; both classes, 0 and 1, are needed", classes[0]);
        return Err(conflict("labels", reason));
    }
    Ok(classes)
}

/// Returns the labels 0 and 1, also written as 0.0 and 1.0, as numbers.
fn numbers_as_classes(labels: &[&str]) -> Result<Vec<u8>, InvalidInput> {
    let numbers: Vec<Option<f64>> = labels.iter().map(|label| label.parse().ok()).collect();
    if numbers.iter().all(Option::is_none) {
        let mut names = labels.to_vec();
        names.sort_unstable();
        names.dedup();
        let reason = format!(
            "text ({}); name the abnormal class: --abnormal NAME, or abnormal = \"NAME\" beside images in a study",
            list(&names)
        );
        return Err(conflict("labels", reason));
    }
    let to_class = |(i, number): (usize, &Option<f64>)| match number {
        Some(0.0) => Ok(0),
        Some(1.0) => Ok(1),
        _ => {
            let allowed = "0 (normal) or 1 (abnormal)";
            Err(invalid_value(
                format!("label of image {i}"),
                labels[i],
                allowed,
            ))
        }
    };
    numbers.iter().enumerate().map(to_class).collect()
}

/// Returns names for a message, of which there may be many.
fn list(names: &[&str]) -> String {
    const MOST: usize = 5;
    let more = if names.len() > MOST { ", ..." } else { "" };
    let shown: Vec<_> = names.iter().take(MOST).copied().collect();
    format!("{}{more}", shown.join(", "))
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
    for (field, ratings) in [("shape", &images.shape), ("texture", &images.texture)] {
        let ratings = ratings.iter().flatten();
        if let Some((i, value)) = ratings.enumerate().find(|(_, v)| !v.is_finite()) {
            let field = format!("{field} of image {i}");
            return Err(invalid_value(field, value, "a finite number"));
        }
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
