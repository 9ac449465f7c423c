//! Names of groups, classes, columns and arrays in all spellings.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod helpers;

use std::fs;
use std::io::Write;
use std::path::Path;

use helpers::{Arrays, add_images, error_for, error_of, folder_with, npz_path};
use nodule_images::read_images;

#[test]
fn groups_of_every_type_have_one_normal_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    let names = |add: &dyn Fn(Arrays) -> Arrays| {
        add(add_images(Arrays::new(&path)).add("labels", &[2], &[0u8, 1])).finish();
        read_images(&path, None).unwrap().group_names
    };
    let expected = ["4", "31"];
    assert_eq!(names(&|a| a.add("group", &[2], &[4u16, 31])), expected);
    assert_eq!(names(&|a| a.add("group", &[2], &[4u64, 31])), expected);
    assert_eq!(names(&|a| a.add("group", &[2], &[4.0f64, 31.0])), expected);
    for (dtype, data) in [
        ("<U3", "00431\0".to_owned()),
        ("|S3", "4\0\u{0}31\0".to_owned()),
    ] {
        add_images(Arrays::new(&path))
            .add("labels", &[2], &[0u8, 1])
            .finish();
        let wide: Vec<u8> = data
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        let data = if dtype == "<U3" {
            wide
        } else {
            data.into_bytes()
        };
        append(&path, "group", dtype, &data);
        assert_eq!(read_images(&path, None).unwrap().group_names, expected);
    }
    let folder = folder_with("\u{feff}file,label,group\na.png,0,004\nb.png,1, 31.0\n");
    assert_eq!(
        read_images(folder.path(), None).unwrap().group_names,
        expected
    );
    let fraction = error_for(|a| {
        add_images(a)
            .add("labels", &[2], &[0u8, 1])
            .add("group", &[2], &[1.0f32, 1.5])
    });
    assert_eq!(fraction, "group of image 1 = 1.5: must be a whole number");
}

#[test]
fn text_labels_need_the_name_of_the_abnormal_class() {
    let table = "file,label\na.png,Cancer\nb.png,Cyst\n";
    let folder = folder_with(table);
    let read = |abnormal| read_images(folder.path(), Some(abnormal));
    assert_eq!(read("Cancer").unwrap().labels, [1, 0]);
    assert_eq!(read("Cyst").unwrap().labels, [0, 1]);
    let message = read("Cancr").unwrap_err().to_string();
    assert!(
        message.ends_with("abnormal = Cancr: must be one of Cancer, Cyst; did you mean Cancer?"),
        "{message}"
    );
    let folder = folder_with("file,label\na.png,1.0\nb.png,0.0\n");
    assert_eq!(read_images(folder.path(), None).unwrap().labels, [1, 0]);
    let folder = folder_with("file,label\na.png,1\nb.png,2\n");
    assert_eq!(
        read_images(folder.path(), Some("2")).unwrap().labels,
        [0, 1]
    );
    let folder = folder_with("file,label\na.png,x\nb.png,y\nm.png,z\n");
    let message = read_images(folder.path(), Some("x"))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("labels: 3 classes (x, y, z); two are needed"),
        "{message}"
    );
}

#[test]
fn rejects_unknown_and_repeated_arrays() {
    let add_labels = |a| add_images(a).add("labels", &[2], &[0u8, 1]);
    for (name, meant) in [
        ("Group", "group"),
        ("textures", "texture"),
        ("patient_id", "group"),
        ("mask", "masks"),
    ] {
        let message = error_for(|a| add_labels(a).add(name, &[2], &[0u8, 1]));
        assert!(
            message.starts_with(&format!(
                "unknown array = {name}: must be one of images, labels"
            )) && message.ends_with(&format!("; did you mean {meant}?")),
            "{message}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = npz_path(&folder);
    add_labels(Arrays::new(&path))
        .add("shapf", &[2], &[1u8, 2])
        .add("shape", &[2], &[1u8, 2])
        .finish();
    // The archive then holds `shape` twice.
    let bytes = fs::read(&path).unwrap();
    let mut renamed = bytes.clone();
    for start in 0..bytes.len() - 9 {
        if bytes[start..].starts_with(b"shapf.npy") {
            renamed[start + 4] = b'e';
        }
    }
    fs::write(&path, renamed).unwrap();
    assert!(error_of(&path).contains("arrays: several have one name"));
}

/// Appends an array of two values to an npz file.
fn append(path: &Path, name: &str, dtype: &str, data: &[u8]) {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    let mut file = zip::ZipWriter::new_append(file.unwrap()).unwrap();
    let options = zip::write::SimpleFileOptions::default();
    file.start_file(format!("{name}.npy"), options).unwrap();
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': (2,), }}");
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.write_all(data).unwrap();
    file.finish().unwrap();
}
