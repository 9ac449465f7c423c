//! Images of the user: evaluation, saliency maps, a study, and rejection of changed or wrong images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{assert_rejected, run, smoke_with, succeed};

const TRAIN: &str = "train --study smoke --train both --loss ce --seed 0 --out trained";

/// Trains a run on 32-pixel images and writes generated images as the user's `mine.npz`. Returns the run's folder.
fn train_and_write_images(here: &Path) -> String {
    let run = succeed(here, TRAIN).trim().to_owned();
    succeed(
        here,
        "synth --distribution both --n 24 --seed 5 --image-size 32 --out drawn",
    );
    fs::copy(here.join("drawn/nodules.npz"), here.join("mine.npz")).unwrap();
    run
}

#[test]
fn generated_and_external_images_give_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let id = train_and_write_images(here);
    let numbers = |text: &str| {
        text.lines()
            .take_while(|line| !line.is_empty())
            .skip(1)
            .map(|row| row.rsplit_once(' ').unwrap().0.to_owned())
            .collect::<Vec<_>>()
    };
    let generated = succeed(
        here,
        &format!("evaluate --run {id} --distribution both --n 24 --seed 5"),
    );
    let external = succeed(here, &format!("evaluate --run {id} --images mine.npz"));
    assert_eq!(numbers(&generated).len(), 4);
    assert_eq!(numbers(&generated), numbers(&external));
    assert!(
        external.ends_with("24 images; intervals are over images\n"),
        "{external}"
    );
    let explain = |images: &str, out: &str| {
        let subject = format!("explain --run {id} --method gradient --n 6 {images} --out {out}");
        succeed(here, &subject);
        fs::read(here.join(out).join("scores.csv")).unwrap()
    };
    let generated = explain("--distribution both --seed 5", "generated-maps");
    // The first six images are the same, since a sample depends only on the seed and its index.
    assert_eq!(generated, explain("--images mine.npz", "external-maps"));
}

#[test]
fn a_study_tests_on_external_images_and_rejects_changed_ones() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    train_and_write_images(here);
    succeed(
        here,
        "synth --distribution both --n 8 --seed 6 --image-size 32 --format png --out pictures",
    );
    let test = "test = [{ images = \"mine.npz\" }, { images = \"pictures\", name = \"hospital-b\" }, \"both\"";
    smoke_with(here, &[("test = [\"both\"", test)]);
    let command = "study run --study study.toml --out out --jobs 2";
    succeed(here, command);
    let results = fs::read_to_string(here.join("out/tables/results.csv")).unwrap();
    let count = |set: &str| results.matches(&format!(",{set},")).count();
    assert!(count("mine") > 0 && count("mine") == count("hospital-b"));
    let cells = fs::read_to_string(here.join("out/tables/cells.csv")).unwrap();
    assert!(!cells.contains("mine"));
    // A report of finished runs does not need the images.
    let before = fs::read(here.join("out/report/index.html")).unwrap();
    fs::rename(here.join("mine.npz"), here.join("kept.npz")).unwrap();
    succeed(here, "study report --out out");
    assert!(fs::read(here.join("out/report/index.html")).unwrap() == before);
    // A repeated run needs the same images.
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
        message.contains("but the study was started with"),
        "{message}"
    );
    fs::rename(here.join("kept.npz"), here.join("mine.npz")).unwrap();
    succeed(here, "study run --study out/study.toml --out out");
    let repeated = fs::read_to_string(here.join("out/tables/results.csv")).unwrap();
    assert!(repeated == results);
}

#[test]
fn rejects_wrong_images() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let id = train_and_write_images(here);
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
        ("text.npz", "text.npz: is not an npz file"),
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

#[test]
fn a_small_folder_of_pictures_with_text_labels_needs_few_settings() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let pictures = here.join("clinic");
    fs::create_dir(&pictures).unwrap();
    let mut table = "file,label,group\n".to_owned();
    for i in 0..60u8 {
        let (patient, size) = (i / 3, 32);
        let picture = image::GrayImage::from_fn(size, size, |x, y| {
            image::Luma([i + (x * y % 7) as u8 + 90 * (patient % 2)])
        });
        picture.save(pictures.join(format!("{i}.png"))).unwrap();
        let label = ["healthy", "diseased"][usize::from(patient % 2)];
        table += &format!("{i}.png,{label},Patient {patient:03}\n");
    }
    fs::write(pictures.join("labels.csv"), &table).unwrap();
    let study = "name = \"clinic\"\nseeds = 4\ntrain = [CLINIC]\ntest = [CLINIC]\nlosses = [\"ce\"]\n[generator]\nimage_size = 32\n";
    let write = |entry: &str, more: &str| {
        fs::write(
            here.join("study.toml"),
            study.replace("CLINIC", entry) + more,
        )
        .unwrap();
    };
    let plan = "study plan --study study.toml";
    write("{ images = \"clinic\" }", "");
    assert_rejected(
        here,
        plan,
        "labels: text (diseased, healthy); name the abnormal class",
    );
    let named = "{ images = \"clinic\", abnormal = \"diseased\" }";
    for folds in [2, 3, 5, 10] {
        write(named, &format!("[held_out]\nfolds = {folds}\n"));
        assert!(succeed(here, plan).contains("clinic ce seed 3"));
    }
    fs::write(
        pictures.join("labels.csv"),
        table.replace("group", "patient"),
    )
    .unwrap();
    assert_rejected(here, plan, "unknown column = patient");
    assert_rejected(here, plan, "did you mean group?");
}
