//! Exports: arrays and pictures have the right contents, and an incomplete export leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use nodule_synth::export::{check_export_folder, export_npz, export_png, export_png_chunks};
use nodule_synth::{DataSet, Distribution, Generator, GeneratorSettings, Outlines};

fn data() -> DataSet {
    let settings = GeneratorSettings {
        image_size: 32,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::lidc()).unwrap();
    generator
        .generate(&Distribution::from_name("lidc").unwrap(), 3, 0..5)
        .unwrap()
}

#[test]
fn arrays_and_labels_match_the_data() {
    let (folder, data) = (tempfile::tempdir().unwrap(), data());
    export_npz(&data, folder.path()).unwrap();
    let mut npz = NpzReader::new(File::open(folder.path().join("nodules.npz")).unwrap()).unwrap();
    let images: Array3<f32> = npz.by_name("images").unwrap();
    let masks: Array3<u8> = npz.by_name("masks").unwrap();
    let labels: Array1<u8> = npz.by_name("labels").unwrap();
    assert_eq!(
        (images.dim(), masks.dim(), labels.dim()),
        ((5, 32, 32), (5, 32, 32), 5)
    );
    assert_eq!(images.as_slice().unwrap(), data.images);
    assert_eq!(masks.as_slice().unwrap(), data.masks);
    let mut table = csv::Reader::from_path(folder.path().join("labels.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    assert_eq!(
        header.iter().take(4).collect::<Vec<_>>(),
        ["index", "label", "shape", "texture"]
    );
    for (i, row) in table.records().enumerate() {
        let row = row.unwrap();
        let field = |name: &str| &row[header.iter().position(|h| h == name).unwrap()];
        assert_eq!(field("index"), i.to_string());
        assert_eq!(field("label"), u8::from(data.labels[i]).to_string());
        assert_eq!(field("blur").parse::<f64>().unwrap(), data.latents[i].blur);
        assert_eq!(field("noise_seed"), data.latents[i].noise_seed.to_string());
        assert_eq!(
            field("outline"),
            data.latents[i].outline.unwrap().to_string()
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn pictures_match_images_and_masks() {
    let (folder, data) = (tempfile::tempdir().unwrap(), data());
    export_png(&data, folder.path()).unwrap();
    for i in 0..5 {
        let open = |kind: &str| {
            image::open(folder.path().join(kind).join(format!("{i:05}.png")))
                .unwrap()
                .to_luma8()
        };
        let (picture, mask) = (open("images"), open("masks"));
        for (j, (p, m)) in picture.pixels().zip(mask.pixels()).enumerate() {
            assert!(
                (f32::from(p.0[0]) / 255.0 - data.images[i * 1024 + j]).abs() <= 0.5 / 255.0 + 1e-6
            );
            assert_eq!(m.0[0], data.masks[i * 1024 + j] * 255);
        }
    }
    assert!(folder.path().join("labels.csv").is_file());
}

#[test]
fn rejects_a_file_as_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    std::fs::write(&file, b"precious").unwrap();
    for export in [export_npz, export_png] {
        let message = export(&data(), &file).unwrap_err().to_string();
        assert!(
            message.contains("out") && message.contains("choose another --out"),
            "{message}"
        );
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
}

/// Returns the bytes of every file below `folder`, by path.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn rejects_a_folder_with_files() {
    let (folder, data) = (tempfile::tempdir().unwrap(), data());
    export_png(&data, folder.path()).unwrap();
    let before = contents(folder.path());
    assert_eq!(before.len(), 11);
    for export in [export_npz, export_png] {
        let error = export(&data, folder.path()).unwrap_err();
        assert!(error.is_input());
        let message = error.to_string();
        assert!(
            message.contains("is not empty") && message.contains("choose another --out"),
            "{message}"
        );
    }
    assert!(check_export_folder(folder.path()).is_err());
    assert_eq!(contents(folder.path()), before);

    let (empty, absent) = (tempfile::tempdir().unwrap(), folder.path().join("a/b"));
    for out in [empty.path(), &absent] {
        check_export_folder(out).unwrap();
        export_npz(&data, out).unwrap();
        assert_eq!(contents(out).len(), 2);
    }
}

#[test]
fn rejects_the_rest_of_an_interrupted_export() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("unfinished-export")).unwrap();
    let message = export_npz(&data(), folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("unfinished-export") && message.contains("cut short"),
        "{message}"
    );
}

#[test]
fn chunks_give_the_same_files() {
    let settings = GeneratorSettings {
        image_size: 512,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::lidc()).unwrap();
    let lidc = Distribution::from_name("lidc").unwrap();
    let (n, folder) = (17, tempfile::tempdir().unwrap());
    let (whole, chunked) = (folder.path().join("whole"), folder.path().join("chunked"));
    let data = generator.generate(&lidc, 3, 0..n).unwrap();
    export_png(&data, &whole).unwrap();
    let mut sizes = Vec::new();
    let chunks = generator
        .generate_chunks(&lidc, 3, 0..n)
        .inspect(|chunk| sizes.push(chunk.as_ref().unwrap().labels.len()));
    export_png_chunks(chunks, n, &chunked).unwrap();
    assert_eq!(sizes, [16, 1]);
    assert_eq!(contents(&whole), contents(&chunked));

    // A chunk that fails removes the others.
    let failing = [Ok(data), generator.generate(&lidc, 3, 0..0)];
    let failed = folder.path().join("failed");
    assert!(export_png_chunks(failing, n, &failed).is_err());
    assert!(!failed.exists());
}

#[test]
fn names_of_pictures_sort_as_numbers() {
    let data = data();
    for (n, last) in [
        (5, "00004.png"),
        (100_000, "00004.png"),
        (100_001, "000004.png"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("pictures");
        export_png_chunks([Ok(&data)], n, &folder).unwrap();
        assert!(folder.join("images").join(last).is_file(), "{n}");
        assert!(folder.join("masks").join(last).is_file(), "{n}");
    }
}
