//! `nodule explain` and `nodule sanity` on finished runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::path::Path;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use nodule_tests::{assert_same, run, succeed};

const METHODS: [&str; 6] = [
    "gradient",
    "gradient-x-input",
    "smooth-grad",
    "integrated-gradients",
    "grad-cam",
    "occlusion",
];

/// Returns a folder with one finished run of the smoke study, and the run's path.
fn train_one_run(loss: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let train = format!("train --study smoke --train both --loss {loss} --seed 0 --out study");
    let path = succeed(folder.path(), &train).trim().to_owned();
    (folder, path)
}

fn read_maps(folder: &Path) -> Array3<f32> {
    let mut arrays = NpzReader::new(File::open(folder.join("maps.npz")).unwrap()).unwrap();
    let images: Array3<f32> = arrays.by_name("images").unwrap();
    let maps: Array3<f32> = arrays.by_name("maps").unwrap();
    let labels: Array1<u8> = arrays.by_name("labels").unwrap();
    assert_eq!(images.dim(), maps.dim());
    assert_eq!(labels.len(), maps.dim().0);
    maps
}

#[test]
fn every_method_writes_arrays_pictures_and_a_page() {
    let (folder, run) = train_one_run("ce+contrastive");
    for method in METHODS {
        let explain = format!("explain --run {run} --method {method} --n 3 --out {method}");
        let printed = succeed(folder.path(), &explain);
        assert!(printed.contains("index.html"), "{printed}");
        let out = folder.path().join(method);
        let maps = read_maps(&out);
        assert_eq!(maps.dim(), (3, 32, 32));
        assert!(maps.iter().all(|v| v.is_finite()));
        assert_eq!(fs::read_dir(out.join("maps")).unwrap().count(), 3);
        let integrated = method == "integrated-gradients";
        assert_eq!(
            printed.contains("steps; the maps miss"),
            integrated,
            "{printed}"
        );
        let mut scores = csv::Reader::from_path(out.join("scores.csv")).unwrap();
        let mut rows = scores.records().map(Result::unwrap);
        assert!(rows.all(|row| row[9].is_empty() != integrated), "{method}");
        let page = fs::read_to_string(out.join("index.html")).unwrap();
        assert!(page.contains("data:image/png;base64,") && !page.contains("src=\"http"));
    }
    for class in [0, 1] {
        let out = format!("class-{class}");
        let line = format!("explain --run {run} --method activation-maximisation --class {class}");
        succeed(folder.path(), &format!("{line} --n 2 --out {out}"));
        assert!(
            read_maps(&folder.path().join(out))
                .iter()
                .any(|v| *v != 0.0)
        );
    }
    let scores = folder.path().join("gradient/scores.csv");
    let mut scores = csv::Reader::from_path(scores).unwrap();
    let rows: Vec<_> = scores.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let (infidelity, sensitivity): (f64, f64) =
            (row[7].parse().unwrap(), row[8].parse().unwrap());
        assert!(infidelity >= 0.0 && sensitivity > 0.0, "{row:?}");
    }
    let again = format!("explain --run {run} --method smooth-grad --n 3 --out again");
    succeed(folder.path(), &again);
    assert_same(
        &folder.path().join("smooth-grad"),
        &folder.path().join("again"),
    );
}

#[test]
fn integrated_gradients_differ_from_gradient_x_input() {
    let (folder, run) = train_one_run("ce");
    let explain = |method: &str| {
        let line =
            format!("explain --run {run} --method {method} --n 4 --read-out head --out {method}");
        succeed(folder.path(), &line);
        read_maps(&folder.path().join(method))
    };
    let (integrated, product) = (explain("integrated-gradients"), explain("gradient-x-input"));
    assert_ne!(integrated, product, "the network is not linear");
}

#[test]
fn rejects_wrong_arguments() {
    let (folder, path) = train_one_run("contrastive");
    let unfinished = folder.path().join("unfinished");
    fs::create_dir(&unfinished).unwrap();
    let cases = [
        (
            format!("--run {path} --method saliency --n 2"),
            "one of gradient",
        ),
        (
            format!("--run {path} --method activation-maximisation --class 2 --n 2"),
            "0 (normal) or 1 (abnormal)",
        ),
        (
            format!("--run {path} --method gradient --class 1 --n 2"),
            "--class",
        ),
        (
            format!("--run {path} --method gradient --n 2 --read-out head"),
            "trains no head",
        ),
        (
            format!("--run {path} --method gradient --n 2 --read-out knn"),
            "no derivative",
        ),
        (
            format!("--run {path} --method gradient --n 2 --read-out svm"),
            "centroid",
        ),
        (
            format!("--run {path} --method gradient --n 2 --distribution bth"),
            "bth",
        ),
        (
            "--run unfinished --method gradient --n 2".to_owned(),
            "no finished run",
        ),
        (
            "--run nowhere --method gradient --n 2".to_owned(),
            "nowhere",
        ),
    ];
    for (arguments, word) in cases {
        let output = run(folder.path(), &format!("explain {arguments} --out out"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(word), "{arguments}: {message}");
        assert_eq!(message.trim_end().lines().count(), 1, "{message}");
        assert!(!folder.path().join("out").exists(), "{arguments}");
    }
    let zero = run(
        folder.path(),
        &format!("explain --run {path} --method gradient --n 0 --out out"),
    );
    assert_eq!(zero.status.code(), Some(2));
    fs::write(folder.path().join("file"), b"").unwrap();
    let file = run(
        folder.path(),
        &format!("explain --run {path} --method gradient --n 1 --out file"),
    );
    assert_eq!(file.status.code(), Some(2));
}

#[test]
fn sanity_tests_every_method_at_every_layer() {
    let (folder, run) = train_one_run("ce");
    for (read_out, layers) in [("head", 5), ("centroid", 4)] {
        let line = format!("sanity --run {run} --n 3 --out {read_out} --read-out {read_out}");
        let printed = succeed(folder.path(), &line);
        assert!(printed.contains("conv1"), "{printed}");
        let mut table =
            csv::Reader::from_path(folder.path().join(read_out).join("sanity.csv")).unwrap();
        let rows: Vec<_> = table.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), layers * METHODS.len());
        for row in rows.iter().filter(|row| !row[4].is_empty()) {
            let similarity: f64 = row[4].parse().unwrap();
            assert!((-1.0..1.0).contains(&similarity), "{row:?}");
        }
    }
}

#[test]
fn maps_never_lie_beside_those_of_another_command() {
    let (folder, run_folder) = train_one_run("contrastive");
    let names = |out: &str| {
        let entries = fs::read_dir(folder.path().join(out)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>()
    };
    let explain = format!("explain --run {run_folder} --method occlusion");
    succeed(folder.path(), &format!("{explain} --n 4 --out maps"));
    let written = names("maps");
    assert_eq!(written.len(), 4, "{written:?}");
    // Cut short by a kill.
    fs::create_dir_all(folder.path().join("cut/unfinished-export")).unwrap();
    for (command, out) in [
        (explain.as_str(), "maps"),
        (
            &format!("explain --run {run_folder} --method gradient"),
            "maps",
        ),
        (&format!("sanity --run {run_folder}"), "maps"),
        (&explain, "cut"),
        (&format!("sanity --run {run_folder}"), "cut"),
    ] {
        let output = run(folder.path(), &format!("{command} --n 2 --out {out}"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}: {message}");
        assert!(message.contains("choose another --out"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert_eq!(names("maps"), written);
    assert_eq!(names("maps/maps").len(), 4);
}
