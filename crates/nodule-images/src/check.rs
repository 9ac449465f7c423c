//! What was read, before it is believed.

use std::path::Path;

use nodule_error::{InvalidInput, invalid_value};

use crate::{Error, GroupedImages, LabelledImages};

/// Images as they stand in a file: of integers up to their largest value, or of numbers in [0, 1].
pub(crate) struct Read {
    pub(crate) name: String,
    pub(crate) image_size: usize,
    pub(crate) images: Vec<f32>,
    pub(crate) labels: Vec<i64>,
    pub(crate) masks: Option<Vec<u8>>,
    pub(crate) groups: Option<Numbered>,
    pub(crate) shape: Option<Vec<f64>>,
    pub(crate) texture: Option<Vec<f64>>,
    pub(crate) sha256: String,
}

/// Refuses what no measurement can be made on.
pub(crate) fn checked(read: Read, path: &Path) -> Result<LabelledImages, Error> {
    let place = path.to_string_lossy().into_owned();
    let refuse = |field: String, value: String, allowed: &str| {
        Err(invalid_value(field, value, allowed)
            .at(place.clone())
            .into())
    };
    let n = read.labels.len();
    let pixels = read.image_size * read.image_size;
    if n == 0 || pixels == 0 {
        return refuse("images".into(), "none".into(), "at least two, with pixels");
    }
    let of_image = |at: usize| format!("image {}", at / pixels);
    intensities(&read.images, pixels).map_err(|e| e.at(&place))?;
    let masks = read.masks.iter().flatten();
    if let Some(at) = masks.clone().position(|v| *v > 1) {
        let value = masks.clone().nth(at).copied().unwrap_or_default();
        return refuse(
            format!("mask of {}", of_image(at)),
            value.to_string(),
            "0 or 1",
        );
    }
    for (i, label) in read.labels.iter().enumerate() {
        if !(0..=1).contains(label) {
            let allowed = "0 (normal) or 1 (abnormal)";
            return refuse(format!("label of image {i}"), label.to_string(), allowed);
        }
    }
    for (field, values) in [("shape", &read.shape), ("texture", &read.texture)] {
        let values = values.iter().flatten();
        if let Some((i, value)) = values.enumerate().find(|(_, v)| !v.is_finite()) {
            let field = format!("{field} of image {i}");
            return refuse(field, value.to_string(), "a finite number");
        }
    }
    let only = read.labels[0];
    if read.labels.iter().all(|label| *label == only) {
        let allowed = "0 for some images and 1 for others: one class alone decides nothing";
        return refuse("labels".into(), format!("all {only}"), allowed);
    }
    if let Some(groups) = &read.groups
        && groups.names.len() == 1
    {
        let allowed = "of at least two groups: between them is what an interval is made of";
        return refuse("group".into(), "all of one".into(), allowed);
    }
    let (groups, group_names) = match read.groups {
        Some(groups) => (Some(groups.numbers), groups.names),
        None => (None, Vec::new()),
    };
    Ok(LabelledImages {
        name: read.name,
        image_size: read.image_size,
        images: read.images,
        labels: read
            .labels
            .iter()
            .map(|label| u8::from(*label == 1))
            .collect(),
        masks: read.masks,
        groups,
        group_names,
        shape: read.shape,
        texture: read.texture,
        sha256: read.sha256,
    })
}

/// Refuses images that are none, or no intensities.
pub(crate) fn checked_groups(read: GroupedImages, path: &Path) -> Result<GroupedImages, Error> {
    let place = path.to_string_lossy();
    let pixels = read.image_size * read.image_size;
    if read.groups.is_empty() {
        return Err(invalid_value("images", "none", "at least one")
            .at(place)
            .into());
    }
    intensities(&read.images, pixels).map_err(|e| e.at(place))?;
    Ok(read)
}

/// Refuses an intensity that is not finite or out of range.
fn intensities(images: &[f32], pixels: usize) -> Result<(), InvalidInput> {
    let allowed = "an intensity from 0 to 1 in float32, or 0 to 255 in uint8";
    match images.iter().position(|v| !(0.0..=1.0).contains(v)) {
        Some(at) => Err(invalid_value(
            format!("image {}", at / pixels),
            images[at],
            allowed,
        )),
        None => Ok(()),
    }
}

/// Which group each image is of.
pub(crate) struct Numbered {
    /// `[n]`, from 0 in the order of appearance.
    pub(crate) numbers: Vec<usize>,
    /// What each number stands for.
    pub(crate) names: Vec<String>,
}

/// Groups by number, from 0 in their order of appearance.
pub(crate) fn numbered(groups: impl IntoIterator<Item = String>) -> Numbered {
    let mut known = std::collections::BTreeMap::new();
    let mut names = Vec::new();
    let numbers = groups.into_iter().map(|group| {
        *known.entry(group).or_insert_with_key(|group| {
            names.push(group.clone());
            names.len() - 1
        })
    });
    let numbers = numbers.collect();
    Numbered { numbers, names }
}

/// The name of a file or folder without its ending.
pub(crate) fn name_of(path: &Path) -> String {
    let whole = path.canonicalize();
    let whole = whole.as_deref().unwrap_or(path);
    let stem = match whole.is_dir() {
        true => whole.file_name(),
        false => whole.file_stem(),
    };
    stem.unwrap_or_default().to_string_lossy().into_owned()
}
