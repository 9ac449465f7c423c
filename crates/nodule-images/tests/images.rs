//! Images that somebody brings: read as they are, or refused with a reason that helps.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use image::{GrayImage, ImageBuffer, Luma, RgbImage};
use ndarray::{Array1, Array3, ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::{NpzWriter, WritableElement};
use nodule_images::read_images;

struct Arrays {
    file: NpzWriter<File>,
}

impl Arrays {
    fn new(path: &Path) -> Self {
        let file = NpzWriter::new(File::create(path).unwrap());
        Self { file }
    }

    fn with<T: WritableElement + Clone>(
        mut self,
        name: &str,
        shape: &[usize],
        values: &[T],
    ) -> Self {
        let array = ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).unwrap();
        self.file.add_array(name, &array).unwrap();
        self
    }

    fn done(self) {
        self.file.finish().unwrap();
    }
}

fn refused(path: &Path) -> String {
    let message = read_images(path).unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(
        message.contains(&*path.file_name().unwrap().to_string_lossy()),
        "{message}"
    );
    message
}

fn npz(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("mine.npz")
}

#[test]
fn arrays_of_every_kind_that_numpy_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(&folder);
    let bytes: Vec<u8> = (0..12).map(|i| i * 20).collect();
    Arrays::new(&path)
        .with("images", &[3, 2, 2], &bytes)
        .with("labels", &[3], &[0i64, 1, 1])
        .with("masks", &[3, 2, 2], &[true; 12])
        .with("group", &[3], &[70i32, 12, 70])
        .with("shape", &[3], &[1.0f32, 2.0, 5.0])
        .with("texture", &[3], &[1u8, 2, 3])
        .done();
    let read = read_images(&path).unwrap();
    assert_eq!((read.name.as_str(), read.image_size), ("mine", 2));
    assert_eq!(read.labels, [0, 1, 1]);
    assert_eq!(read.groups, Some(vec![0, 1, 0]));
    assert_eq!(read.shape, Some(vec![1.0, 2.0, 5.0]));
    assert_eq!(read.texture, Some(vec![1.0, 2.0, 3.0]));
    assert_eq!(read.masks, Some(vec![1; 12]));
    assert_eq!(read.images[5], 100.0 / 255.0);
    let before = read.sha256;
    Arrays::new(&path)
        .with("images", &[3, 2, 2], &[0.5f32; 12])
        .with("labels", &[3], &[false, true, true])
        .done();
    let read = read_images(&path).unwrap();
    assert_ne!(read.sha256, before);
    assert_eq!((read.masks, read.groups, read.shape), (None, None, None));
}

#[test]
fn arrays_in_the_order_of_fortran_are_the_same_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(&folder);
    let rows = Array3::from_shape_fn((2, 2, 2), |(n, y, x)| (4 * n + 2 * y + x) as f32 / 8.0);
    let mut columns = Array3::zeros((2, 2, 2).f());
    columns.assign(&rows);
    let mut file = NpzWriter::new(File::create(&path).unwrap());
    file.add_array("images", &columns).unwrap();
    file.add_array("labels", &Array1::from(vec![0u8, 1]))
        .unwrap();
    file.finish().unwrap();
    let expected: Vec<f32> = (0..8u8).map(|i| f32::from(i) / 8.0).collect();
    assert_eq!(read_images(&path).unwrap().images, expected);
}

#[test]
fn what_no_measurement_can_be_made_on_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(&folder);
    let good = |n: usize| Arrays::new(&path).with("images", &[n, 2, 2], &vec![0.5f32; 4 * n]);
    let mut nan = [0.5f32; 8];
    nan[5] = f32::NAN;
    type Case<'a> = (Box<dyn Fn() + 'a>, &'a str);
    let labels = |n: usize| (0..n as u8).map(|i| i % 2).collect::<Vec<_>>();
    let cases: Vec<Case> = vec![
        (
            Box::new(|| good(2).done()),
            "has no array labels: must have images and labels, has images",
        ),
        (
            Box::new(|| Arrays::new(&path).with("labels", &[2], &[0u8, 1]).done()),
            "has no array images",
        ),
        (
            Box::new(|| {
                Arrays::new(&path)
                    .with("images", &[2, 2, 2], &nan)
                    .with("labels", &[2], &labels(2))
                    .done()
            }),
            "image 1 = NaN: must be an intensity from 0 to 1",
        ),
        (
            Box::new(|| {
                Arrays::new(&path)
                    .with("images", &[2, 2, 2], &[7.0f32; 8])
                    .with("labels", &[2], &labels(2))
                    .done()
            }),
            "image 0 = 7",
        ),
        (
            Box::new(|| {
                Arrays::new(&path)
                    .with("images", &[2, 2, 2], &[7i64; 8])
                    .with("labels", &[2], &labels(2))
                    .done()
            }),
            "array images is {'descr': '<i8'",
        ),
        (
            Box::new(|| {
                Arrays::new(&path)
                    .with("images", &[2, 4], &[0.5f32; 8])
                    .with("labels", &[2], &labels(2))
                    .done()
            }),
            "array images is [2, 4]: must be [n, size, size]",
        ),
        (
            Box::new(|| {
                Arrays::new(&path)
                    .with("images", &[2, 1, 4], &[0.5f32; 8])
                    .with("labels", &[2], &labels(2))
                    .done()
            }),
            "array images is [2, 1, 4]",
        ),
        (
            Box::new(|| good(2).with("labels", &[3], &labels(3)).done()),
            "array labels is [3]: must be as many as images (2)",
        ),
        (
            Box::new(|| good(2).with("labels", &[2], &[0.0f32, 1.0]).done()),
            "array labels is {'descr': '<f4'",
        ),
        (
            Box::new(|| good(2).with("labels", &[2], &[1u8, 2]).done()),
            "label of image 1 = 2: must be 0 (normal) or 1 (abnormal)",
        ),
        (
            Box::new(|| good(2).with("labels", &[2], &[1u8, 1]).done()),
            "labels = all 1",
        ),
        (
            Box::new(|| good(0).with("labels", &[0], &labels(0)).done()),
            "images = none",
        ),
        (
            Box::new(|| {
                good(2)
                    .with("labels", &[2], &labels(2))
                    .with("masks", &[2, 2, 2], &[3u8; 8])
                    .done()
            }),
            "mask of image 0 = 3: must be 0 or 1",
        ),
        (
            Box::new(|| {
                good(2)
                    .with("labels", &[2], &labels(2))
                    .with("masks", &[2, 4], &[1u8; 8])
                    .done()
            }),
            "array masks is [2, 4]",
        ),
        (
            Box::new(|| {
                good(2)
                    .with("labels", &[2], &labels(2))
                    .with("group", &[2], &[4u8, 4])
                    .done()
            }),
            "group = all of one",
        ),
        (
            Box::new(|| {
                good(2)
                    .with("labels", &[2], &labels(2))
                    .with("shape", &[2], &[f64::INFINITY, 1.0])
                    .done()
            }),
            "shape of image 0 = inf",
        ),
        (
            Box::new(|| fs::write(&path, "no zip").unwrap()),
            "is no npz file",
        ),
        (Box::new(|| fs::remove_file(&path).unwrap()), "No such file"),
    ];
    for (make, expected) in cases {
        make();
        let message = refused(&path);
        assert!(message.contains(expected), "{message}\nlacks {expected}");
    }
}

#[test]
fn an_array_that_announces_more_than_it_holds_is_not_made_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(&folder);
    let mut file = zip::ZipWriter::new(File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 64, 64), }";
    file.start_file("images.npy", options).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.finish().unwrap();
    assert!(refused(&path).contains("array images: is cut short"));
}

fn folder_of(table: &str) -> tempfile::TempDir {
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

#[test]
fn pictures_with_everything_that_can_be_said_of_them() {
    let table =
        "file,label,mask,group,shape,texture\na.png,0,m.png,P-07,1,4.5\nb.png,1,m.png,P-01,5,1\n";
    let folder = folder_of(table);
    let read = read_images(folder.path()).unwrap();
    assert_eq!((read.image_size, read.labels.as_slice()), (4, &[0, 1][..]));
    assert_eq!(read.images[2], 100.0 / 255.0);
    assert_eq!(read.images[16 + 3], 30_000.0 / 65_535.0);
    assert_eq!(
        read.masks.as_deref().map(|m| &m[..4]),
        Some(&[0, 0, 1, 1][..])
    );
    assert_eq!(
        (read.groups, read.shape, read.texture),
        (Some(vec![0, 1]), Some(vec![1.0, 5.0]), Some(vec![4.5, 1.0]))
    );
}

#[test]
fn pictures_that_are_not_what_their_table_says_are_refused() {
    for (table, expected) in [
        (
            "file,label\na.png,0\nlarge.png,1\n",
            "labels.csv:3: large.png = 5 by 5: must be 4 by 4 pixels",
        ),
        (
            "file,label\na.png,0\nflat.png,1\n",
            "flat.png: is 4 by 3 pixels: must be square",
        ),
        (
            "file,label\na.png,0\ncolour.png,1\n",
            "colour.png: is of Rgb8: must be grey",
        ),
        ("file,label\na.png,0\ntext.png,1\n", "text.png: is no PNG"),
        (
            "file,label\na.png,0\nabsent.png,1\n",
            "absent.png: No such file",
        ),
        (
            "file,label\na.png,0\n../secret.png,1\n",
            "labels.csv:3: file = ../secret.png: must be a file in this folder",
        ),
        (
            "file,label\na.png,0\n/etc/passwd,1\n",
            "must be a file in this folder",
        ),
        (
            "file,label\na.png,yes\n",
            "labels.csv: CSV deserialize error",
        ),
        ("file\na.png\n", "missing field `label`"),
        ("file,label\na.png,0\nb.png,0\n", "labels = all 0"),
        (
            "file,label,group\na.png,0,p\nb.png,1,\n",
            "group = in 1 of 2 rows: must be in every row or in none",
        ),
        ("file,label\n", "images = none"),
    ] {
        let folder = folder_of(table);
        let message = read_images(folder.path()).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\nlacks {expected}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    let empty = tempfile::tempdir().unwrap();
    let message = read_images(empty.path()).unwrap_err().to_string();
    assert!(message.contains("labels.csv"), "{message}");
}
