//! Images of the user: valid files are read, invalid ones rejected with one line that names the fault.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "a case is one expression"
)]

mod helpers;

use std::fs::{self, File};
use std::io::Write;

use helpers::{Arrays, add_images, error_for, error_of, folder_with, npz_path, ramp};
use ndarray::{Array1, Array3, ShapeBuilder};
use ndarray_npy::NpzWriter;
use nodule_images::{read_grouped, read_images};

#[test]
fn reads_arrays_of_every_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    let bytes: Vec<u8> = (0..12).map(|i| i * 20).collect();
    Arrays::new(&path)
        .add("images", &[3, 2, 2], &bytes)
        .add("labels", &[3], &[0i64, 1, 1])
        .add("masks", &[3, 2, 2], &[true; 12])
        .add("group", &[3], &[70i32, 12, 70])
        .add("shape", &[3], &[1.0f32, 2.0, 5.0])
        .add("texture", &[3], &[1u8, 2, 3])
        .finish();
    let read = read_images(&path, None).unwrap();
    assert_eq!((read.name.as_str(), read.image_size), ("mine", 2));
    assert_eq!(read.labels, [0, 1, 1]);
    assert_eq!(read.groups, Some(vec![0, 1, 0]));
    assert_eq!(read.shape, Some(vec![1.0, 2.0, 5.0]));
    assert_eq!(read.texture, Some(vec![1.0, 2.0, 3.0]));
    assert_eq!(read.masks, Some(vec![1; 12]));
    assert_eq!(read.images[5], 100.0 / 255.0);
    let before = read.sha256;
    Arrays::new(&path)
        .add("images", &[3, 2, 2], &ramp::<12>())
        .add("labels", &[3], &[false, true, true])
        .finish();
    let read = read_images(&path, None).unwrap();
    assert_ne!(read.sha256, before);
    assert_eq!((read.masks, read.groups, read.shape), (None, None, None));
}

#[test]
fn reads_arrays_in_fortran_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    let rows = Array3::from_shape_fn((2, 2, 2), |(n, y, x)| (4 * n + 2 * y + x) as f32 / 8.0);
    let mut columns = Array3::zeros((2, 2, 2).f());
    columns.assign(&rows);
    let mut file = NpzWriter::new(File::create(&path).unwrap());
    file.add_array("images", &columns).unwrap();
    file.add_array("labels", &Array1::from(vec![0u8, 1]))
        .unwrap();
    file.finish().unwrap();
    let expected: Vec<f32> = (0..8u8).map(|i| f32::from(i) / 8.0).collect();
    assert_eq!(read_images(&path, None).unwrap().images, expected);
}

#[test]
fn rejects_images_of_another_form() {
    let labels = |arrays: Arrays| arrays.add("labels", &[2], &[0u8, 1]);
    let images = |shape: &[usize], values: &[f32]| {
        error_for(|arrays| labels(arrays).add("images", shape, values))
    };
    let mut nan = [0.5; 8];
    nan[5] = f32::NAN;
    let form = "expected [n, size, size] of float32 in [0, 1] or uint8";
    let intensity = "must be an intensity from 0 to 1 in float32, or 0 to 255 in uint8";
    assert_eq!(
        images(&[2, 2, 2], &nan),
        format!("image 1 = NaN: {intensity}")
    );
    assert_eq!(
        images(&[2, 2, 2], &[7.0; 8]),
        format!("image 0 = 7: {intensity}")
    );
    assert_eq!(
        images(&[2, 4], &[0.5; 8]),
        format!("array images: holds float32 [2, 4]; {form}")
    );
    assert_eq!(
        images(&[2, 1, 4], &[0.5; 8]),
        format!("array images: holds float32 [2, 1, 4]; {form}")
    );
    let whole = error_for(|arrays| labels(arrays).add("images", &[2, 2, 2], &[7i64; 8]));
    assert!(
        whole.starts_with("array images: holds integers [2, 2, 2]; expected"),
        "{whole}"
    );
    assert!(
        error_for(labels)
            .starts_with("has no array images; expected images and labels, found labels")
    );
    let masks = |shape: &[usize]| {
        error_for(|arrays| add_images(labels(arrays)).add("masks", shape, &[3u8; 8]))
    };
    assert_eq!(masks(&[2, 2, 2]), "mask of image 0 = 3: must be 0 or 1");
    assert!(
        masks(&[2, 4])
            .starts_with("array masks: holds uint8 [2, 4]; expected [2, 2, 2], as images are")
    );
}

#[test]
fn rejects_labels_groups_and_ratings_that_do_not_fit() {
    let none = error_for(add_images);
    assert_eq!(
        none,
        "has no array labels; expected images and labels, found images"
    );
    let labels =
        |values: &[u8]| error_for(|a| add_images(a).add("labels", &[values.len()], values));
    assert_eq!(
        labels(&[0, 1, 0]),
        "array labels: holds uint8 [3]; expected as many as images (2), of integers 0 and 1, or text"
    );
    assert_eq!(
        labels(&[1, 2]),
        "label of image 1 = 2: must be 0 (normal) or 1 (abnormal)"
    );
    assert!(labels(&[1, 1]).starts_with("labels: all are 1; both classes, 0 and 1, are needed"));
    let shares = error_for(|a| add_images(a).add("labels", &[2], &[0.0f32, 1.0]));
    assert!(
        shares.starts_with("array labels: holds float32 [2]; expected"),
        "{shares}"
    );
    let empty = error_for(|a| {
        a.add("images", &[0, 2, 2], &[0.5f32; 0])
            .add("labels", &[0], &[0u8; 0])
    });
    assert_eq!(empty, "images = none: must be at least two, with pixels");
    let add_labels = |a| add_images(a).add("labels", &[2], &[0u8, 1]);
    let group = error_for(|a| add_labels(a).add("group", &[2], &[4u8, 4]));
    assert!(
        group.starts_with("group: all images are in one group; intervals need at least two"),
        "{group}"
    );
    let rating = error_for(|a| add_labels(a).add("shape", &[2], &[f64::INFINITY, 1.0]));
    assert_eq!(rating, "shape of image 0 = inf: must be a finite number");
}

#[test]
fn rejects_a_file_that_is_not_an_npz() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    assert!(error_of(&path).contains("No such file"));
    fs::write(&path, "no zip").unwrap();
    assert!(error_of(&path).contains("is not an npz file"));
}

#[test]
fn rejects_an_array_shorter_than_its_header_without_allocating() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    let mut file = zip::ZipWriter::new(File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 64, 64), }";
    file.start_file("images.npy", options).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.finish().unwrap();
    assert!(error_of(&path).contains("array images: is cut short"));
}

#[test]
fn reads_pictures_with_masks_groups_and_ratings() {
    let table =
        "file,label,mask,group,shape,texture\na.png,0,m.png,P-07,1,4.5\nb.png,1,m.png,P-01,5,1\n";
    let folder = folder_with(table);
    let read = read_images(folder.path(), None).unwrap();
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

/// Tables that are rejected, with a part of the message.
const REJECTED: &[(&str, &str)] = &[
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
        "colour.png: is Rgb8: must be grey",
    ),
    (
        "file,label\na.png,0\ntext.png,1\n",
        "text.png: is not a readable PNG",
    ),
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
        "file,label\na.png,no\nb.png,yes\n",
        "labels: text (no, yes); name the abnormal class: --abnormal NAME",
    ),
    (
        "file,label,shape\na.png,0,2\nb.png,1,high\n",
        "labels.csv:3: shape = high: must be a number",
    ),
    (
        "file,label\na.png,0\nb.png,1,2\n",
        "labels.csv:3: row: 3 fields, but the header has 2",
    ),
    (
        "index,label\none,0\n",
        "labels.csv:2: index = one: must be a whole number from 0",
    ),
    ("file\na.png\n", "column label: is missing; found file"),
    (
        "file,label,Group\na.png,0,1\n",
        "unknown column = Group: must be one of file, label, mask, group, shape, texture; did you mean group?",
    ),
    ("file,label,groups\na.png,0,1\n", "did you mean group?"),
    ("file,label, group\na.png,0,1\n", "did you mean group?"),
    ("file,label,Subject\na.png,0,1\n", "did you mean group?"),
    ("file,label,txture\na.png,0,1\n", "did you mean texture?"),
    (
        "file,label,label\na.png,0,1\n",
        "column label: is listed twice",
    ),
    (
        "index,label,grup\n0,0,1\n",
        "unknown column = grup: must be one of index",
    ),
    (
        "file,label,group\na.png,0,P-7\nb.png,1,p-07\n",
        "group: \"P-7\" (image 0) and \"p-07\" (image 1) are spellings of one name",
    ),
    (
        "file,label,group\na.png,0,NaN\nb.png,1,3\n",
        "group of image 0 = \"NaN\": must be a name or a number",
    ),
    (
        "file,label\na.png,0\nb.png,1\na.png,1\n",
        "images: images 0 and 2 (from 0) are the same",
    ),
    (
        "label\n0\n1\n",
        "labels.csv:2: file: is missing; add a column `file`",
    ),
    ("file,label\na.png,0\nb.png,0\n", "labels: all are 0"),
    (
        "file,label,group\na.png,0,p\nb.png,1,\n",
        "group: 1 of 2 rows have a value; fill every row or none",
    ),
    ("file,label\n", "images = none"),
];

#[test]
fn rejects_pictures_that_do_not_match_their_table() {
    for (table, expected) in REJECTED {
        let folder = folder_with(table);
        let message = read_images(folder.path(), None).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\nlacks {expected}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    let empty = tempfile::tempdir().unwrap();
    let message = read_images(empty.path(), None).unwrap_err().to_string();
    assert!(message.contains("labels.csv"), "{message}");
}

#[test]
fn reads_images_with_groups_and_without_labels() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    let four = ramp::<16>();
    let write = |images: &[f32], shape: &[usize], groups: &[i64]| {
        let arrays = Arrays::new(&path).add("lung", shape, images);
        arrays.add("group", &[groups.len()], groups).finish();
    };
    write(&four, &[4, 2, 2], &[9, 3, 9, 4]);
    let read = read_grouped(&path, "lung").unwrap();
    assert_eq!((read.image_size, read.groups), (2, vec![0, 1, 0, 2]));
    assert_eq!((read.images, read.sha256.len()), (four.to_vec(), 64));
    let error = |name: &str| {
        let message = read_grouped(&path, name).unwrap_err().to_string();
        assert!(message.contains("mine.npz: "), "{message}");
        message
    };
    assert!(error("heart").contains("has no array heart; expected heart and group, found "));
    write(&four, &[4, 4, 1], &[9, 3, 9, 4]);
    assert!(
        error("lung").contains("array lung: holds float32 [4, 4, 1]; expected [n, size, size]")
    );
    write(&four, &[4, 2, 2], &[9, 3]);
    assert!(
        error("lung").contains("array group: holds integers [2]; expected as many as lung (4)")
    );
    for (value, shown) in [(f32::NAN, "NaN"), (1.5, "1.5"), (-0.1, "-0.1")] {
        let mut images = four;
        images[9] = value;
        write(&images, &[4, 2, 2], &[9, 3, 9, 4]);
        assert!(error("lung").contains(&format!("image 2 = {shown}: must be an intensity")));
    }
    write(&[], &[0, 2, 2], &[]);
    assert!(error("lung").contains("images = none: must be at least one"));
    Arrays::new(&path).add("lung", &[4, 2, 2], &four).finish();
    assert!(error("lung").contains("has no array group; expected lung and group, found lung"));
    // Backgrounds may be equal, such as flat ones.
    write(&[0.25; 16], &[4, 2, 2], &[9, 3, 9, 4]);
    assert!(read_grouped(&path, "lung").is_ok());
    fs::write(&path, "no arrays").unwrap();
    assert!(error("lung").contains("is not an npz file"));
    let message = read_grouped(folder.path(), "lung").unwrap_err().to_string();
    assert!(
        message.contains("is not a file: must be an npz file"),
        "{message}"
    );
    assert!(read_grouped(&folder.path().join("absent.npz"), "lung").is_err());
}
