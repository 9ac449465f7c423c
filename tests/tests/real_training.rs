//! Training on images of the user: disjoint groups for training and tests, determinism, and rejection of wrong images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzWriter;
use nodule_tests::{assert_rejected, assert_same, smoke_with, succeed};

const SIZE: usize = 32;
const PATIENTS: usize = 60;

/// Writes two images of each patient; abnormal ones are brighter in the middle.
fn write_images(path: &Path, patients: impl Iterator<Item = usize>, array: &str) {
    write_with_groups(path, patients, array, |file, patients| {
        let group = Array1::from_iter(patients.iter().map(|p| *p as i64));
        file.add_array("group", &group).unwrap();
    });
}

/// Writes the same images with groups of another kind.
fn write_with_groups(
    path: &Path,
    patients: impl Iterator<Item = usize>,
    array: &str,
    add_groups: impl Fn(&mut NpzWriter<File>, &[usize]),
) {
    let patients: Vec<usize> = patients.flat_map(|p| [p, p]).collect();
    let label = |i: usize| (patients[i] + i) % 2;
    let n = patients.len();
    let values = Array3::from_shape_fn((n, SIZE, SIZE), |(i, y, x)| {
        let is_inside = (12..20).contains(&y) && (12..20).contains(&x);
        if (y, x) == (0, 0) {
            // No two images are the same.
            return (2 * patients[i] + i % 2) as f32 / 10_000.0;
        }
        let noise = ((patients[i] * 13 + i * 7 + y * 3 + x * 5) % 11) as f32 / 50.0;
        noise
            + if is_inside {
                0.2 + 0.3 * label(i) as f32
            } else {
                0.0
            }
    });
    let mut file = NpzWriter::new(File::create(path).unwrap());
    file.add_array(array, &values).unwrap();
    add_groups(&mut file, &patients);
    let labels = Array1::from_shape_fn(n, |i| label(i) as i64);
    file.add_array("labels", &labels).unwrap();
    file.finish().unwrap();
}

/// Writes a study that trains on images of all patients, tests on every second patient and on new patients, and uses
/// backgrounds of every third patient.
fn write_study(here: &Path, more: &[(&str, &str)]) {
    write_images(&here.join("mine.npz"), 0..PATIENTS, "images");
    write_images(&here.join("some.npz"), (0..PATIENTS).step_by(2), "images");
    write_images(&here.join("others.npz"), 1000..1010, "images");
    write_images(
        &here.join("lung.npz"),
        (0..PATIENTS).step_by(3),
        "backgrounds",
    );
    let train = "train = [\"both\", { images = \"mine.npz\" }";
    let test = "test = [{ images = \"some.npz\" }, { images = \"others.npz\" }, \"both\"";
    let tables = "image_size = 32\n\n[backgrounds]\nfile = \"lung.npz\"\n\n[held_out]\nfolds = 4\nfold = 1\n";
    let changes = [
        ("train = [\"both\"", train),
        ("test = [\"both\"", test),
        ("image_size = 32\n", tables),
    ];
    smoke_with(here, &[&changes, more].concat());
}

/// Returns a column of a table.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut lines = table.lines();
    let at = lines.next().unwrap().split(',').position(|c| c == name);
    let cell = |line: &str| line.split(',').nth(at.unwrap()).unwrap().to_owned();
    lines.map(cell).collect()
}

#[test]
fn a_study_of_external_images_tests_on_held_out_groups_only() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_study(here, &[]);
    succeed(here, "study run --study study.toml --out out --jobs 2");
    succeed(
        here,
        "study run --study study.toml --out again --jobs 1 --threads 2",
    );
    assert_same(&here.join("out"), &here.join("again"));
    succeed(here, "study verify --out out");
    let results = fs::read_to_string(here.join("out/tables/results.csv")).unwrap();
    let trains: BTreeSet<_> = column(&results, "train").into_iter().collect();
    assert!(
        trains.contains("mine") && trains.contains("both"),
        "{trains:?}"
    );

    // All patients of `some` are in `mine`, so only the held-out quarter is tested; `others` is tested in full.
    let ids = fs::read_dir(here.join("out/runs")).unwrap();
    let mut ids: Vec<_> = ids.map(|id| id.unwrap().path()).collect();
    ids.sort();
    for id in &ids {
        let predictions = fs::read_to_string(id.join("predictions.csv")).unwrap();
        let sets = column(&predictions, "test");
        let count = |set: &str| sets.iter().filter(|s| *s == set).count();
        let (some, others) = (count("some"), count("others"));
        assert!(others > 0 && others % 20 == 0, "{others}");
        let tested = some / (others / 20);
        assert!((2..40).contains(&tested) && tested % 2 == 0, "{tested}");
    }
    // Evaluating a run needs the file that it was trained on.
    let on_mine = ids.iter().find(|id| {
        let record = fs::read_to_string(id.join("run.json")).unwrap();
        record.contains("\"train\": \"mine\"")
    });
    let on_mine = on_mine.unwrap().display();
    let evaluate = format!("evaluate --run {on_mine} --images others.npz --backgrounds lung.npz");
    succeed(here, &format!("{evaluate} --train-images mine.npz"));
    assert_rejected(here, &evaluate, "as --train-images");
    evaluates_held_out_images_only(here, &on_mine.to_string());
    assert_rejected(
        here,
        &format!("{evaluate} --train-images some.npz"),
        "give its own as --train-images",
    );
    let own = format!(
        "explain --run {on_mine} --method gradient --n 2 --out maps --backgrounds lung.npz --train-images mine.npz"
    );
    assert_rejected(here, &own, "give a distribution or images");
    assert_rejected(
        here,
        "battery export --study study.toml --out battery",
        "train: mine are images of the user",
    );
}

/// Checks that `evaluate` and `explain` leave out the images that a run was trained on, also in files with other spellings
/// of the groups, and without groups.
fn evaluates_held_out_images_only(here: &Path, run: &str) {
    let patients = || (0..PATIENTS).rev();
    write_with_groups(
        &here.join("floats.npz"),
        patients(),
        "images",
        |file, patients| {
            let group = Array1::from_iter(patients.iter().map(|p| *p as f64));
            file.add_array("group", &group).unwrap();
        },
    );
    write_with_groups(&here.join("copies.npz"), 0..PATIENTS, "images", |_, _| {});
    let evaluate = |images: &str| {
        let command = format!(
            "evaluate --run {run} --images {images} --backgrounds lung.npz --train-images mine.npz"
        );
        let output = nodule_tests::run(here, &command);
        let note = String::from_utf8(output.stderr).unwrap();
        assert!(note.contains("of 120 images are left out"), "{note}");
        let table = String::from_utf8(output.stdout).unwrap();
        table
            .lines()
            .find(|line| line.contains("intervals are"))
            .unwrap()
            .to_owned()
    };
    let own = evaluate("mine.npz");
    let tested: usize = own.split(' ').next().unwrap().parse().unwrap();
    // A quarter of 60 patients, with two images each.
    assert_eq!(tested, 30, "{own}");
    assert_eq!(evaluate("floats.npz"), own);
    assert!(evaluate("copies.npz").starts_with("30 images;"));
    for command in [
        "explain --method gradient --n 200 --out held-out",
        "sanity --n 2 --out sanity",
    ] {
        let command = format!(
            "{command} --run {run} --images copies.npz --backgrounds lung.npz --train-images mine.npz"
        );
        let output = nodule_tests::run(here, &command);
        let note = String::from_utf8(output.stderr).unwrap();
        assert!(
            note.contains("90 of 120 images are left out: the run was trained"),
            "{note}"
        );
        assert!(output.status.success(), "{note}");
    }
    let scores = fs::read_to_string(here.join("held-out/scores.csv")).unwrap();
    assert_eq!(scores.lines().count(), 31);
}

#[test]
fn rejects_wrong_training_images_before_writing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let try_with = |more: &[(&str, &str)], words: &str| {
        write_study(here, more);
        assert_rejected(here, "study run --study study.toml --out out", words);
        assert!(!here.join("out").exists());
    };
    try_with(
        &[("fold = 1\n", "fold = 4\n")],
        "held_out.fold = 4: must be a whole number from 0 to 3",
    );
    try_with(
        &[("folds = 4\n", "folds = 1\n")],
        "held_out.folds = 1: must be a whole number from 2 to 100",
    );
    try_with(
        &[("\"mine.npz\"", "\"absent.npz\"")],
        "absent.npz: No such file",
    );
    try_with(
        &[(
            "{ images = \"mine.npz\" }",
            "{ images = \"mine.npz\", name = \"both\" }",
        )],
        "train: both is listed twice",
    );
    try_with(
        &[
            ("{ images = \"mine.npz\" }, ", ""),
            ("[backgrounds]\nfile = \"lung.npz\"\n", ""),
        ],
        "[held_out]: has no effect",
    );
    let with_patients = |patients: usize, words: &str| {
        write_study(here, &[]);
        write_images(&here.join("mine.npz"), 0..patients, "images");
        assert_rejected(here, "study run --study study.toml --out out", words);
        assert!(!here.join("out").exists());
    };
    with_patients(1, "all images are in one group");
    with_patients(4, "images of seed 0");
}
