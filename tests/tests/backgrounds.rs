//! Nodules over real lung, from a file to a report: no group is for training and for tests, runs know their
//! file by its hash, and what is no such file is refused in one line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use ndarray::{Array1, Array3, ArrayD};
use ndarray_npy::{NpzReader, NpzWriter};
use nodule_tests::{assert_same, refused, smoke_with, succeed};

const SIZE: usize = 32;
const GROUPS: usize = 6;

/// Two uneven images of each group, whose first pixel tells the group.
fn made_up(path: &Path, groups: usize, change: impl Fn(&mut Array3<f32>)) {
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

/// The groups that images of an npz lie over.
fn groups(path: &Path) -> BTreeSet<usize> {
    let mut file = NpzReader::new(File::open(path).unwrap()).unwrap();
    let images: ArrayD<f32> = file.by_name("images").unwrap();
    let pixels = SIZE * SIZE;
    let firsts = images.iter().step_by(pixels);
    let of = |first: &f32| (0..GROUPS).find(|g| marker(*g) == *first).unwrap();
    firsts.map(of).collect()
}

fn study(here: &Path) {
    let table = "image_size = 32\n\n[backgrounds]\nfile = \"lung.npz\"\n";
    smoke_with(here, &[("image_size = 32\n", table)]);
}

#[test]
fn every_image_of_training_lies_over_other_groups_than_every_image_of_tests() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    made_up(&here.join("lung.npz"), GROUPS, |_| {});
    study(here);
    succeed(
        here,
        "battery export --study study.toml --train both --seeds 2 --out battery",
    );
    let (mut training, mut test) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(here.join("battery/images")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let learned = name.starts_with("training-") || name.starts_with("validation-");
        let of = groups(&path);
        if learned { &mut training } else { &mut test }.extend(of);
    }
    assert_eq!(training.len() + test.len(), GROUPS);
    assert!(training.is_disjoint(&test));
    // Alone, the generator draws over all of them, or over either part.
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
fn a_study_over_real_lung_goes_from_its_file_to_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    made_up(&here.join("lung.npz"), GROUPS, |_| {});
    study(here);
    succeed(here, "study run --study study.toml --out out --jobs 2");
    succeed(
        here,
        "study run --study study.toml --out again --jobs 1 --threads 2",
    );
    assert_same(&here.join("out"), &here.join("again"));
    // Its own folder is enough, from anywhere, as long as the file is where it was.
    let reliance = fs::read_to_string(here.join("out/tables/reliance.csv")).unwrap();
    let of_texture = reliance
        .lines()
        .filter(|l| l.contains(",background-texture,"));
    let effects = of_texture.map(|line| line.split(',').nth(6).unwrap().parse::<f64>().unwrap());
    assert!(effects.clone().count() > 0 && effects.clone().all(|e| e == 0.0));
    let id = fs::read_dir(here.join("out/runs")).unwrap().next().unwrap();
    let id = format!("out/runs/{}", id.unwrap().file_name().to_string_lossy());
    let ask = format!("evaluate --run {id} --distribution both --n 20");
    succeed(here, &format!("{ask} --backgrounds lung.npz"));
    let refused = |arguments: &str, words: &str| refused(here, arguments, words);
    refused(
        &ask,
        "the backgrounds given (none): give those that the run was made with",
    );
    made_up(&here.join("other.npz"), GROUPS, |images| {
        images[[3, 3, 3]] = 0.9;
    });
    refused(
        &format!("{ask} --backgrounds other.npz"),
        "as --backgrounds",
    );
    // The report draws example nodules: it takes the very file, or none.
    fs::copy(here.join("other.npz"), here.join("lung.npz")).unwrap();
    refused(
        "study report --out out",
        "that of the backgrounds the study was begun with",
    );
}

#[test]
fn wrong_backgrounds_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    study(here);
    let lung = here.join("lung.npz");
    let refuse = |words: &str| {
        let synth = "synth --distribution both --n 4 --image-size 32 --backgrounds lung.npz --part test --out drawn";
        for arguments in [synth, "study run --study study.toml --out out"] {
            refused(here, arguments, "lung.npz");
            refused(here, arguments, words);
        }
        assert!(!here.join("drawn").exists() && !here.join("out").exists());
    };
    refuse("No such file");
    made_up(&lung, 1, |_| {});
    refuse("group = all of 1 in fold 0 of 3: must be some that are held out and some that are not");
    made_up(&lung, GROUPS, |images| images[[4, 9, 9]] = f32::INFINITY);
    refuse("image 4 = inf: must be an intensity from 0 to 1");
    made_up(&lung, GROUPS, |images| {
        *images = Array3::zeros((2 * GROUPS, 16, 16));
    });
    refuse("backgrounds = 16 by 16 pixels: must be 32 by 32");
    made_up(&lung, GROUPS, |images| {
        *images = Array3::zeros((GROUPS, SIZE, SIZE));
    });
    refuse("array group is [12]: must be as many as backgrounds (6), of integers");
    let mut file = NpzWriter::new(File::create(&lung).unwrap());
    file.add_array("images", &Array3::<f32>::zeros((3, SIZE, SIZE)))
        .unwrap();
    file.finish().unwrap();
    refuse("has no array backgrounds: must have backgrounds and group, has images");
}
