//! Backgrounds from a file to the report: disjoint groups for training and tests, and rejection of wrong files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use ndarray::{Array1, Array3, ArrayD};
use ndarray_npy::{NpzReader, NpzWriter};
use nodule_tests::{assert_rejected, assert_same, smoke_with, succeed};

const SIZE: usize = 32;
const GROUPS: usize = 6;

/// Writes two textured images of each group, whose first pixel encodes the group.
fn write_backgrounds(path: &Path, groups: usize, change: impl Fn(&mut Array3<f32>)) {
    let mut images = Array3::from_shape_fn((2 * groups, SIZE, SIZE), |(i, y, x)| {
        ((i * 7 + y * 3 + x * 5) % 11) as f32 / 50.0
    });
    for i in 0..2 * groups {
        images[[i, 0, 0]] = marker(i / 2);
    }
    change(&mut images);
    let mut file = NpzWriter::new(File::create(path).unwrap());
    file.add_array("backgrounds", &images).unwrap();
    let group = Array1::from_shape_fn(2 * groups, |i| (i / 2) as i64);
    file.add_array("group", &group).unwrap();
    file.finish().unwrap();
}

fn marker(group: usize) -> f32 {
    group as f32 / 16.0
}

/// Returns the groups whose backgrounds the images of an npz use.
fn groups(path: &Path) -> BTreeSet<usize> {
    let mut file = NpzReader::new(File::open(path).unwrap()).unwrap();
    let images: ArrayD<f32> = file.by_name("images").unwrap();
    let pixels = SIZE * SIZE;
    let group = |first: &f32| (0..GROUPS).find(|g| marker(*g) == *first).unwrap();
    images.iter().step_by(pixels).map(group).collect()
}

fn write_study(here: &Path) {
    let table = "image_size = 32\n\n[backgrounds]\nfile = \"lung.npz\"\n";
    smoke_with(here, &[("image_size = 32\n", table)]);
}

#[test]
fn training_and_test_images_use_disjoint_groups() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_backgrounds(&here.join("lung.npz"), GROUPS, |_| {});
    write_study(here);
    succeed(
        here,
        "battery export --study study.toml --train both --seeds 2 --out battery",
    );
    let (mut training, mut test) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(here.join("battery/images")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_training = name.starts_with("training-") || name.starts_with("validation-");
        let split = if is_training {
            &mut training
        } else {
            &mut test
        };
        split.extend(groups(&path));
    }
    assert_eq!(training.len() + test.len(), GROUPS);
    assert!(training.is_disjoint(&test));
    // `nodule synth` uses all backgrounds, or those of one split.
    let synth = |part: &str, out: &str| {
        let command = format!(
            "synth --distribution both --n 100 --image-size 32 --backgrounds lung.npz {part} --out {out}"
        );
        succeed(here, &command);
        groups(&here.join(out).join("nodules.npz"))
    };
    assert_eq!(synth("", "all").len(), GROUPS);
    assert_eq!(synth("--part training", "training"), training);
    assert_eq!(synth("--part test", "test"), test);
}

#[test]
fn a_study_with_backgrounds_runs_and_rejects_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_backgrounds(&here.join("lung.npz"), GROUPS, |_| {});
    write_study(here);
    succeed(here, "study run --study study.toml --out out --jobs 2");
    succeed(
        here,
        "study run --study study.toml --out again --jobs 1 --threads 2",
    );
    assert_same(&here.join("out"), &here.join("again"));
    let reliance = fs::read_to_string(here.join("out/tables/reliance.csv")).unwrap();
    let rows = reliance
        .lines()
        .filter(|l| l.contains(",background-texture,"));
    let effects = rows.map(|line| line.split(',').nth(6).unwrap().parse::<f64>().unwrap());
    assert!(effects.clone().count() > 0 && effects.clone().all(|e| e == 0.0));
    let id = fs::read_dir(here.join("out/runs")).unwrap().next().unwrap();
    let id = format!("out/runs/{}", id.unwrap().file_name().to_string_lossy());
    let evaluate = format!("evaluate --run {id} --distribution both --n 20");
    succeed(here, &format!("{evaluate} --backgrounds lung.npz"));
    let rejects = |arguments: &str, words: &str| assert_rejected(here, arguments, words);
    rejects(
        &evaluate,
        "no backgrounds are given; give its own as --backgrounds",
    );
    write_backgrounds(&here.join("other.npz"), GROUPS, |images| {
        images[[3, 3, 3]] = 0.9;
    });
    rejects(
        &format!("{evaluate} --backgrounds other.npz"),
        "as --backgrounds",
    );
    // The report generates example nodules, so it needs the same file.
    fs::copy(here.join("other.npz"), here.join("lung.npz")).unwrap();
    rejects("study report --out out", "but the study was started with");
}

#[test]
fn rejects_wrong_backgrounds() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_study(here);
    let lung = here.join("lung.npz");
    let rejects = |words: &str| {
        let synth = "synth --distribution both --n 4 --image-size 32 --backgrounds lung.npz --part test --out generated";
        for arguments in [synth, "study run --study study.toml --out out"] {
            assert_rejected(here, arguments, "lung.npz");
            assert_rejected(here, arguments, words);
        }
        assert!(!here.join("generated").exists() && !here.join("out").exists());
    };
    rejects("No such file");
    write_backgrounds(&lung, 1, |_| {});
    rejects("group: all of its groups (n = 1) are in fold 0 of 3");
    write_backgrounds(&lung, GROUPS, |images| images[[4, 9, 9]] = f32::INFINITY);
    rejects("image 4 = inf: must be an intensity from 0 to 1");
    write_backgrounds(&lung, GROUPS, |images| {
        *images = Array3::zeros((2 * GROUPS, 16, 16));
    });
    rejects("16 by 16 pixels, but generator.image_size = 32");
    write_backgrounds(&lung, GROUPS, |images| {
        *images = Array3::zeros((GROUPS, SIZE, SIZE));
    });
    rejects(
        "array group: holds integers [12]; expected as many as backgrounds (6), of integers or text",
    );
    let mut file = NpzWriter::new(File::create(&lung).unwrap());
    file.add_array("images", &Array3::<f32>::zeros((3, SIZE, SIZE)))
        .unwrap();
    file.finish().unwrap();
    rejects("has no array backgrounds; expected backgrounds and group, found images");
}
