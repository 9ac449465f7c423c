//! What is exported can be read by others, and is whole or not there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use nodule_synth::export::{check_export_folder, export_npz, export_png, export_png_parts};
use nodule_synth::{
    DataSet, Distribution, Generator, GeneratorSettings, Outlines, generate, generate_parts,
};

fn data() -> DataSet {
    let settings = GeneratorSettings {
        image_size: 32,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::embedded()).unwrap();
    generate(&generator, &Distribution::named("lidc").unwrap(), 3, 5).unwrap()
}

#[test]
fn arrays_and_labels_come_back() {
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
        assert_eq!(field("label"), data.labels[i].to_string());
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
fn pictures_show_the_images_and_the_masks() {
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
fn a_file_in_the_way_is_named() {
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

/// Everything below `folder`, by path, with its bytes.
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
fn an_export_is_not_mixed_with_what_is_there() {
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
fn what_an_export_that_was_cut_short_left_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("unfinished-export")).unwrap();
    let message = export_npz(&data(), folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("unfinished-export") && message.contains("cut short"),
        "{message}"
    );
}

#[test]
fn parts_are_the_whole() {
    let settings = GeneratorSettings {
        image_size: 512,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::embedded()).unwrap();
    let lidc = Distribution::named("lidc").unwrap();
    let (n, folder) = (17, tempfile::tempdir().unwrap());
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let data = generate(&generator, &lidc, 3, n).unwrap();
    export_png(&data, &whole).unwrap();
    let mut sizes = Vec::new();
    let made = generate_parts(&generator, &lidc, 3, n);
    let made = made.inspect(|part| sizes.push(part.as_ref().unwrap().labels.len()));
    export_png_parts(made, &parts).unwrap();
    assert_eq!(sizes, [16, 1]);
    assert_eq!(contents(&whole), contents(&parts));

    // A part that fails takes the others with it.
    let failing = [Ok(data), generate(&generator, &lidc, 3, 0)];
    let failed = folder.path().join("failed");
    assert!(export_png_parts(failing, &failed).is_err());
    assert!(!failed.exists());
}
