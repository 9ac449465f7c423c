#![doc = include_str!("../README.md")]

mod check;
mod columns;
mod entries;
mod error;
mod from_npz;
mod from_png;
mod groups;
mod names;
pub mod npz;

use std::path::Path;

use error::{bad_content, cannot_read};
use groups::Groups;

pub use error::Error;
pub use names::normal_name;

/// Labelled images, with masks, groups and ratings if they are known. Image i is
/// `images[i * size * size..][..size * size]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelledImages {
    /// Name in tables: that of the file or folder, without extension.
    pub name: String,
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// Labels `[n]`: 0 normal, 1 abnormal. Both occur.
    pub labels: Vec<u8>,
    /// Masks `[n, size, size]`: 1 inside the nodule, else 0.
    pub masks: Option<Vec<u8>>,
    /// Index of each image's group (such as a patient) `[n]`, from 0 in the order of first appearance. At least two
    /// groups occur.
    pub groups: Option<Vec<usize>>,
    /// Name of each group in its [normal form](normal_name), which identifies it across files. Empty without groups.
    pub group_names: Vec<String>,
    /// Hash of each image's intensities `[n]`, which identifies it across files. No two are equal.
    pub image_ids: Vec<String>,
    /// Ratings of shape `[n]`, on any scale.
    pub shape: Option<Vec<f64>>,
    /// Ratings of texture `[n]`, on any scale.
    pub texture: Option<Vec<f64>>,
    /// SHA-256 of the file, or of a folder's `labels.csv` and pictures in its order.
    pub sha256: String,
}

impl LabelledImages {
    /// Returns the images whose index satisfies `keep`, with groups numbered anew.
    ///
    /// The result may be empty or lack a class; [`describe_single_class`] detects both.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("images.npz");
    /// # let mut file = ndarray_npy::NpzWriter::new(std::fs::File::create(&path)?);
    /// # file.add_array("images", &ndarray::Array3::from_shape_fn((2, 8, 8), |(i, _, _)| i as f32))?;
    /// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
    /// # file.add_array("labels", &ndarray::arr1(&[0u8, 1]))?;
    /// # file.finish()?;
    /// let images = nodule_images::read_images(&path, None)?;
    /// let abnormal = images.filter(|i| images.labels[i] == 1);
    /// assert_eq!((abnormal.labels.as_slice(), abnormal.group_names), (&[1][..], vec!["12".to_owned()]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn filter(&self, keep: impl Fn(usize) -> bool) -> Self {
        let indices: Vec<usize> = (0..self.labels.len()).filter(|i| keep(*i)).collect();
        let pixels = self.image_size * self.image_size;
        let groups = self.groups.as_ref().map(|groups| {
            Groups::from_names(indices.iter().map(|i| self.group_names[groups[*i]].clone()))
        });
        let (groups, group_names) = match groups {
            Some(groups) => (Some(groups.indices), groups.names),
            None => (None, Vec::new()),
        };
        Self {
            name: self.name.clone(),
            image_size: self.image_size,
            images: select(&self.images, pixels, &indices),
            labels: select(&self.labels, 1, &indices),
            masks: self.masks.as_ref().map(|m| select(m, pixels, &indices)),
            groups,
            group_names,
            image_ids: indices.iter().map(|i| self.image_ids[*i].clone()).collect(),
            shape: self.shape.as_ref().map(|all| select(all, 1, &indices)),
            texture: self.texture.as_ref().map(|all| select(all, 1, &indices)),
            sha256: self.sha256.clone(),
        }
    }

    /// Returns the name of each image's group. Without groups, each image is its own group, named by its hash, so that
    /// only the same image in another file has the same name.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("images.npz");
    /// # let mut file = ndarray_npy::NpzWriter::new(std::fs::File::create(&path)?);
    /// # file.add_array("images", &ndarray::Array3::from_shape_fn((2, 8, 8), |(i, _, _)| i as f32))?;
    /// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
    /// # file.add_array("labels", &ndarray::arr1(&[0u8, 1]))?;
    /// # file.finish()?;
    /// let images = nodule_images::read_images(&path, None)?;
    /// assert_eq!(images.groups_by_name().collect::<Vec<_>>(), ["7", "12"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn groups_by_name(&self) -> impl Iterator<Item = String> {
        (0..self.labels.len()).map(|i| match &self.groups {
            Some(groups) => self.group_names[groups[i]].clone(),
            None => format!("image {}", self.image_ids[i]),
        })
    }
}

/// Returns a description of labels that lack a class, as `all 12 normal` or `none`; `None` if both classes occur.
///
/// ```
/// use nodule_images::describe_single_class;
///
/// assert_eq!(describe_single_class(&[0, 0]).as_deref(), Some("all 2 normal"));
/// assert_eq!(describe_single_class(&[0, 1]), None);
/// ```
#[must_use]
pub fn describe_single_class(labels: &[u8]) -> Option<String> {
    let count = |class: u8| labels.iter().filter(|label| **label == class).count();
    match [count(0), count(1)] {
        [0, 0] => Some("none".to_owned()),
        [n, 0] => Some(format!("all {n} normal")),
        [0, n] => Some(format!("all {n} abnormal")),
        _ => None,
    }
}

/// Returns the values of the images `indices`, `width` values each.
fn select<T: Copy>(values: &[T], width: usize, indices: &[usize]) -> Vec<T> {
    indices
        .iter()
        .flat_map(|i| values[i * width..][..width].iter().copied())
        .collect()
}

/// Images with groups and without labels.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GroupedImages {
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// Index of each image's group (such as a patient) `[n]`, from 0 in the order of first appearance.
    pub groups: Vec<usize>,
    /// Name of each group in its [normal form](normal_name).
    pub group_names: Vec<String>,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// Reads labelled images from the npz file or the folder of PNG at `path`.
///
/// | source | required | optional |
/// |---|---|---|
/// | npz | `images` `[n, size, size]` of float32 in [0, 1] or uint8; `labels` `[n]` of 0 and 1 | `masks` `[n, size, size]` of 0 and 1; `group` `[n]` of integers or text; `shape`, `texture` `[n]` of numbers |
/// | folder | `labels.csv` with the columns `file`, `label`; grey pictures of 8 or 16 bits | columns `mask` (a file), `group` (text), `shape`, `texture` |
///
/// A folder that the generator exported is accepted too: it has a column `index` in place of `file` and `mask`.
/// `abnormal` is the label of the abnormal class if labels are two other values, such as text.
///
/// # Errors
/// If an array or column is missing, unknown or of another shape, if a value is not finite or out of range, if an image
/// occurs twice, or if only one class occurs. The message names the file, the field or image, the value and what is
/// allowed.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("images.npz");
/// # let mut file = ndarray_npy::NpzWriter::new(std::fs::File::create(&path)?);
/// # file.add_array("images", &ndarray::Array3::from_shape_fn((2, 8, 8), |(i, _, _)| i as f32))?;
/// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
/// # file.add_array("labels", &ndarray::arr1(&[0u8, 1]))?;
/// # file.finish()?;
/// // `path` is a file that `numpy.savez` wrote with images, labels and groups.
/// let images = nodule_images::read_images(&path, None)?;
/// assert_eq!(images.labels, [0, 1]);
/// assert_eq!(images.group_names, ["7", "12"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_images(path: &Path, abnormal: Option<&str>) -> Result<LabelledImages, Error> {
    let metadata = std::fs::metadata(path).map_err(cannot_read(path))?;
    let images = if metadata.is_dir() {
        from_png::read_folder(path)?
    } else if metadata.is_file() {
        from_npz::read_labelled(path)?
    } else {
        let reason = "is a pipe or a device: must be an npz file or a folder of PNG";
        return Err(bad_content(path, reason));
    };
    check::check_labelled(images, abnormal, path)
}

/// Reads images with groups from the npz file at `path`: the array `name` `[n, size, size]` of float32 in [0, 1] or
/// uint8, and `group` `[n]` of integers.
///
/// # Errors
/// As [`read_images`], except for labels.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("images.npz");
/// # let mut file = ndarray_npy::NpzWriter::new(std::fs::File::create(&path)?);
/// # file.add_array("images", &ndarray::Array3::from_shape_fn((2, 8, 8), |(i, _, _)| i as f32))?;
/// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
/// # file.finish()?;
/// // `path` is a file that `numpy.savez` wrote with images and groups.
/// let images = nodule_images::read_grouped(&path, "images")?;
/// assert_eq!((images.image_size, images.groups), (8, vec![0, 1]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_grouped(path: &Path, name: &str) -> Result<GroupedImages, Error> {
    let metadata = std::fs::metadata(path).map_err(cannot_read(path))?;
    if !metadata.is_file() {
        return Err(bad_content(path, "is not a file: must be an npz file"));
    }
    check::check_grouped(from_npz::read_grouped(path, name)?, path)
}
