//! Files of images for the tests.

#![allow(dead_code, reason = "each test program uses some of them")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use image::{GrayImage, ImageBuffer, Luma, RgbImage};
use ndarray::{ArrayD, IxDyn};
use ndarray_npy::{NpzWriter, WritableElement};
use nodule_images::read_images;

/// Writer of arrays.
pub(crate) struct Arrays {
    file: NpzWriter<File>,
}

impl Arrays {
    pub(crate) fn new(path: &Path) -> Self {
        let file = NpzWriter::new(File::create(path).unwrap());
        Self { file }
    }

    pub(crate) fn add<T: WritableElement + Clone>(
        mut self,
        name: &str,
        shape: &[usize],
        values: &[T],
    ) -> Self {
        let array = ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).unwrap();
        self.file.add_array(name, &array).unwrap();
        self
    }

    pub(crate) fn finish(self) {
        self.file.finish().unwrap();
    }
}

/// Returns the error of [`read_images`], which must be one line with the file's name.
pub(crate) fn error_of(path: &Path) -> String {
    let message = read_images(path, None).unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(
        message.contains(&*path.file_name().unwrap().to_string_lossy()),
        "{message}"
    );
    message
}

/// Returns the path of an npz file in the folder.
pub(crate) fn npz_path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("mine.npz")
}

/// Returns intensities that rise from 0.
pub(crate) fn ramp<const N: usize>() -> [f32; N] {
    std::array::from_fn(|i| i as f32 / N as f32)
}

/// Returns the error for an npz of these arrays, without the file's path.
pub(crate) fn error_for(arrays: impl FnOnce(Arrays) -> Arrays) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    arrays(Arrays::new(&path)).finish();
    error_of(&path)
        .split_once("mine.npz: ")
        .unwrap()
        .1
        .to_owned()
}

/// Adds two valid images.
pub(crate) fn add_images(arrays: Arrays) -> Arrays {
    arrays.add("images", &[2, 2, 2], &ramp::<8>())
}

/// Returns a folder of pictures with that `labels.csv`.
pub(crate) fn folder_with(table: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    GrayImage::from_fn(4, 4, |x, _| Luma([x as u8 * 50]))
        .save(path.join("a.png"))
        .unwrap();
    let deep = ImageBuffer::from_fn(4, 4, |x, _| Luma([x as u16 * 10_000]));
    deep.save(path.join("b.png")).unwrap();
    GrayImage::from_fn(4, 4, |x, _| Luma([u8::from(x > 1) * 255]))
        .save(path.join("m.png"))
        .unwrap();
    GrayImage::new(4, 3).save(path.join("flat.png")).unwrap();
    GrayImage::new(5, 5).save(path.join("large.png")).unwrap();
    RgbImage::new(4, 4).save(path.join("colour.png")).unwrap();
    fs::write(path.join("text.png"), "no picture").unwrap();
    fs::write(path.join("labels.csv"), table).unwrap();
    folder
}
