//! Images of the user's own, from their file to tables: measured, explained, in a study, and refused where
//! they are not what they were.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{run, smoke_with, succeed};

const TRAIN: &str = "train --study smoke --train both --loss ce --seed 0 --out trained";

/// A run of 32-pixel images, the same images twice (drawn, and as somebody's own), and its folder.
fn with_images(here: &Path) -> String {
    let run = succeed(here, TRAIN).trim().to_owned();
    succeed(
        here,
        "synth --distribution both --n 24 --seed 5 --image-size 32 --out drawn",
    );
    fs::copy(here.join("drawn/nodules.npz"), here.join("mine.npz")).unwrap();
    run
}

#[test]
fn the_same_images_give_the_same_numbers_whoever_brings_them() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let id = with_images(here);
    let numbers = |text: &str| {
        let rows = text.lines().take_while(|line| !line.is_empty()).skip(1);
        let rows = rows.map(|row| row.rsplit_once(' ').unwrap().0.to_owned());
        rows.collect::<Vec<_>>()
    };
    let drawn = succeed(
        here,
        &format!("evaluate --run {id} --distribution both --n 24 --seed 5"),
    );
    let given = succeed(here, &format!("evaluate --run {id} --images mine.npz"));
    assert_eq!(numbers(&drawn).len(), 4);
    assert_eq!(numbers(&drawn), numbers(&given));
    assert!(
        given.ends_with("24 images; intervals are over images\n"),
        "{given}"
    );
    let explain = |images: &str, out: &str| {
        let subject = format!("explain --run {id} --method gradient --n 6 {images} --out {out}");
        succeed(here, &subject);
        fs::read(here.join(out).join("scores.csv")).unwrap()
    };
    let drawn = explain("--distribution both --seed 5", "of-drawn");
    // The first six of both are the same nodules: a sample depends on the seed and its index alone.
    assert_eq!(drawn, explain("--images mine.npz", "of-given"));
}

#[test]
fn a_study_tests_on_them_and_refuses_others_in_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    with_images(here);
    succeed(
        here,
        "synth --distribution both --n 8 --seed 6 --image-size 32 --format png --out pictures",
    );
    let test = "test = [{ images = \"mine.npz\" }, { images = \"pictures\", name = \"hospital-b\" }, \"both\"";
    smoke_with(here, &[("test = [\"both\"", test)]);
    let command = "study run --study study.toml --out out --jobs 2";
    succeed(here, command);
    let results = fs::read_to_string(here.join("out/tables/results.csv")).unwrap();
    let of = |set: &str| results.matches(&format!(",{set},")).count();
    assert!(of("mine") > 0 && of("mine") == of("hospital-b"));
    let cells = fs::read_to_string(here.join("out/tables/cells.csv")).unwrap();
    assert!(!cells.contains("mine"));
    // What is finished needs them no more.
    let before = fs::read(here.join("out/report/index.html")).unwrap();
    fs::rename(here.join("mine.npz"), here.join("kept.npz")).unwrap();
    succeed(here, "study report --out out");
    assert!(fs::read(here.join("out/report/index.html")).unwrap() == before);
    // What is made again does, and takes no others.
    let run_folder = fs::read_dir(here.join("out/runs")).unwrap().next().unwrap();
    fs::remove_file(run_folder.unwrap().path().join("done")).unwrap();
    fs::copy(here.join("drawn/nodules.npz"), here.join("mine.npz")).unwrap();
    let other = "synth --distribution both --n 24 --seed 9 --image-size 32 --out other";
    succeed(here, other);
    fs::copy(here.join("other/nodules.npz"), here.join("mine.npz")).unwrap();
    let again = run(here, "study run --study out/study.toml --out out");
    let message = String::from_utf8(again.stderr).unwrap();
    assert_eq!(again.status.code(), Some(2), "{message}");
    assert!(
        message.contains("that of the images the study was begun with"),
        "{message}"
    );
    fs::rename(here.join("kept.npz"), here.join("mine.npz")).unwrap();
    succeed(here, "study run --study out/study.toml --out out");
    let made_again = fs::read_to_string(here.join("out/tables/results.csv")).unwrap();
    assert!(made_again == results);
}

#[test]
fn wrong_images_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let id = with_images(here);
    succeed(
        here,
        "synth --distribution both --n 4 --image-size 48 --out larger",
    );
    fs::write(here.join("text.npz"), "no arrays").unwrap();
    fs::create_dir(here.join("empty")).unwrap();
    for (images, expected) in [
        (
            "larger/nodules.npz",
            "images = 48 by 48 pixels: must be 32 by 32",
        ),
        ("text.npz", "text.npz: is no npz file"),
        ("empty", "labels.csv"),
        ("absent.npz", "absent.npz"),
        ("mine.npz --n 4", "cannot be used with"),
        ("mine.npz --distribution both", "cannot be used with"),
    ] {
        let output = run(here, &format!("evaluate --run {id} --images {images}"));
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{images}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains(expected), "{message}");
    }
}
