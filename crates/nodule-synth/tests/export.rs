//! What is exported can be read by others, and is whole or not there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use nodule_synth::{
    DataSet, Distribution, Generator, GeneratorSettings, Outlines, export_npz, export_png, generate,
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
