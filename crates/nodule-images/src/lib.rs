#![doc = include_str!("../README.md")]

mod arrays;
mod check;
mod error;
mod pictures;

use std::path::Path;

pub use error::Error;

/// Images with what is known of them. Image i is `images[i * size * size..][..size * size]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelledImages {
    /// What tables call them: the name of the file or folder, without its ending.
    pub name: String,
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// `[n]`: 0 normal, 1 abnormal; there are some of both.
    pub labels: Vec<u8>,
    /// `[n, size, size]`: 1 where the nodule is.
    pub masks: Option<Vec<u8>>,
    /// `[n]`: which images belong together, a patient's say; numbered from 0 as they appear. At least two.
    pub groups: Option<Vec<usize>>,
    /// What each of those numbers stands for, as the file calls it: the same patient in another file. Empty
    /// without groups.
    pub group_names: Vec<String>,
    /// `[n]`: a rating of shape, on any scale.
    pub shape: Option<Vec<f64>>,
    /// `[n]`: a rating of texture, on any scale.
    pub texture: Option<Vec<f64>>,
    /// SHA-256 of the file, or of a folder's `labels.csv` and pictures in its order.
    pub sha256: String,
}

impl LabelledImages {
    /// Those of them that `keep` names by their place; groups are numbered anew. Whether some are left, and of
    /// both classes, is the caller's to see.
    #[must_use]
    pub fn only(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.labels.len()).filter(|i| keep(*i)).collect();
        let pixels = self.image_size * self.image_size;
        let groups = self.groups.as_ref().map(|groups| {
            check::numbered(kept.iter().map(|i| self.group_names[groups[*i]].clone()))
        });
        let (groups, group_names) = match groups {
            Some(groups) => (Some(groups.numbers), groups.names),
            None => (None, Vec::new()),
        };
        Self {
            name: self.name.clone(),
            image_size: self.image_size,
            images: picked(&self.images, pixels, &kept),
            labels: picked(&self.labels, 1, &kept),
            masks: self.masks.as_ref().map(|m| picked(m, pixels, &kept)),
            groups,
            group_names,
            shape: self.shape.as_ref().map(|all| picked(all, 1, &kept)),
            texture: self.texture.as_ref().map(|all| picked(all, 1, &kept)),
            sha256: self.sha256.clone(),
        }
    }

    /// The group of each image as the file calls it; without groups each image is one of its own, called by
    /// its place.
    pub fn groups_by_name(&self) -> impl Iterator<Item = String> {
        (0..self.labels.len()).map(|i| match &self.groups {
            Some(groups) => self.group_names[groups[i]].clone(),
            None => i.to_string(),
        })
    }
}

/// What labels are if they are not of both classes, in words: `all 12 normal`, or `none`.
#[must_use]
pub fn one_class(labels: &[u8]) -> Option<String> {
    let of = |class: u8| labels.iter().filter(|label| **label == class).count();
    match [of(0), of(1)] {
        [0, 0] => Some("none".to_owned()),
        [n, 0] => Some(format!("all {n} normal")),
        [0, n] => Some(format!("all {n} abnormal")),
        _ => None,
    }
}

/// The values of those images, `width` each.
fn picked<T: Copy>(values: &[T], width: usize, images: &[usize]) -> Vec<T> {
    let of = |i: &usize| values[i * width..][..width].iter().copied();
    images.iter().flat_map(of).collect()
}

/// Images of which no more is known than which belong together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GroupedImages {
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// `[n]`: which images belong together, a patient's say; numbered from 0 as they appear.
    pub groups: Vec<usize>,
    /// What each of those numbers stands for, as the file calls it.
    pub group_names: Vec<String>,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// Reads the npz file at `path`: its array `name` `[n, size, size]`, float32 in [0, 1] or uint8, and `group`
/// `[n]` of integers.
///
/// # Errors
/// As [`read_images`], but for what labels can be.
pub fn read_grouped(path: &Path, name: &str) -> Result<GroupedImages, Error> {
    let kind = std::fs::metadata(path).map_err(|e| error::file(path, e))?;
    if !kind.is_file() {
        return Err(error::content(path, "is no file: must be an npz file"));
    }
    check::checked_groups(arrays::read_grouped(path, name)?, path)
}

/// Reads the npz file or the folder of PNG at `path`.
///
/// An npz has `images` `[n, size, size]`, float32 in [0, 1] or uint8, and `labels` `[n]` of integers 0 and
/// 1; it may have `masks` `[n, size, size]` of 0 and 1, `group` `[n]` of integers, and `shape` and `texture`
/// `[n]` of numbers. A folder has `labels.csv` with the columns `file` and `label`, and maybe `mask` (a
/// file too), `group` (any text), `shape` and `texture`; its pictures are grey, of 8 or 16 bits. A folder that
/// the generator exported is one such, with `index` for `file` and `mask`.
///
/// # Errors
/// One that names the file, the field or the image, what was found, and what is allowed: if something is
/// missing or of another shape, if a value is not finite or out of range, or if only one class occurs.
pub fn read_images(path: &Path) -> Result<LabelledImages, Error> {
    let kind = std::fs::metadata(path).map_err(|e| error::file(path, e))?;
    let read = if kind.is_dir() {
        pictures::read(path)?
    } else if kind.is_file() {
        arrays::read(path)?
    } else {
        let reason = "is a pipe or a device: must be an npz file or a folder of PNG";
        return Err(error::content(path, reason));
    };
    check::checked(read, path)
}
