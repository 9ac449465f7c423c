//! Wrong input: one message that names the file, the field, the value and what is allowed; exit
//! code 2; no panic; nothing half-written.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{run, smoke_with, update_mark, workspace};

/// Asserts that the command is refused with one line that holds every one of `words`.
fn refused(folder: &Path, arguments: &str, words: &[&str]) {
    let output = run(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(2),
        "nodule {arguments}\n{message}"
    );
    assert!(message.starts_with("error: "), "{message}");
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
    for bad in ["panicked", "RUST_BACKTRACE", "Some(", "unwrap"] {
        assert!(!message.contains(bad), "{message}");
    }
    assert!(
        !folder.join("out").exists(),
        "{arguments} left something behind"
    );
}

/// The smoke study with one thing wrong in it.
fn refused_study(from: &str, to: &str, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &[(from, to)]);
    let words = [words, &["study.toml"]].concat();
    refused(
        folder.path(),
        "study run --study study.toml --out out",
        &words,
    );
}

#[test]
fn unknown_names_in_a_study() {
    refused_study(
        "\"ce\", ",
        "\"focal\", ",
        &["losses", "focal", "ce, contrastive, ce+contrastive, supcon"],
    );
    refused_study(
        "\"centroid\", ",
        "\"svm\", ",
        &["read_outs", "svm", "centroid"],
    );
    refused_study(
        "[\"both\", \"shape\", \"random-labels\"]",
        "[\"bth\"]",
        &["train", "bth", "both"],
    );
    refused_study(
        "\"shape-only\", ",
        "\"shapes\", ",
        &["test", "shapes", "shape-only"],
    );
    refused_study(
        "mode = \"shape\"",
        "mode = \"colour\"",
        &["hypothesis H1", "colour", "texture"],
    );
    refused_study(
        "a = { loss = \"ce\"",
        "a = { loss = \"mse\"",
        &["contrast.a.loss", "mse"],
    );
    refused_study(
        "\"both\", \"shape\"",
        "\"both\", \"lidc\"",
        &["train", "lidc", "testing only"],
    );
    refused_study(
        "\"shape-only\", ",
        "\"spurious-1.5\", ",
        &["test", "spurious-1.5"],
    );
}

#[test]
fn unknown_and_missing_keys_in_a_study() {
    refused_study(
        "epochs = 2",
        "epochs = 2\nmomentum = 0.9",
        &["momentum", "epochs"],
    );
    refused_study("[network]", "[netwrok]", &["netwrok", "network"]);
    refused_study("batch_size = 16", "", &["batch_size"]);
    refused_study("seeds = 2", "seeds = \"two\"", &["seeds", "two"]);
    refused_study("seeds = 2", "seeds = 2 3", &["study.toml:"]);
}

#[test]
fn numbers_outside_their_range_in_a_study() {
    refused_study("seeds = 2", "seeds = 0", &["seeds", "0", "from 1"]);
    refused_study("seeds = 2", "seeds = -1", &["seeds", "-1"]);
    refused_study("epochs = 2", "epochs = 0", &["epochs = 0", "at least 1"]);
    refused_study("train = 64", "train = 0", &["samples.train", "0"]);
    refused_study("test = 32", "test = 0", &["samples.test", "0"]);
    refused_study(
        "batch_size = 16",
        "batch_size = 1",
        &["batch_size = 1", "pairs"],
    );
    refused_study(
        "batch_size = 16",
        "batch_size = 65",
        &["samples.train", "batch_size = 65"],
    );
    for rate in ["0.0", "-0.1", "nan", "inf"] {
        refused_study(
            "learning_rate = 0.001",
            &format!("learning_rate = {rate}"),
            &["learning_rate"],
        );
    }
    refused_study(
        "margin = 1.0",
        "margin = nan",
        &["contrastive.margin", "NaN"],
    );
    refused_study(
        "margin = 1.0",
        "margin = 3.0",
        &["contrastive.margin", "3", "at most 2"],
    );
    refused_study(
        "weight = 1.0",
        "weight = -1.0",
        &["contrastive.weight", "-1"],
    );
    refused_study("image_size = 32", "image_size = 8", &["image_size", "8"]);
    refused_study("hidden = 16", "hidden = 0", &["hidden = 0"]);
    refused_study(
        "smallest_effect = 0.1",
        "smallest_effect = 0.0",
        &["smallest_effect", "0"],
    );
    let amplitude = "image_size = 32\nshape_amplitude = -1.0";
    refused_study("image_size = 32", amplitude, &["shape_amplitude", "-1"]);
}

/// `both.toml` with one thing wrong in it, drawn from.
fn refused_distribution(change: impl Fn(&str) -> String, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("data/distributions/both.toml")).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(folder.path().join("mine.toml"), changed).unwrap();
    let words = [words, &["mine.toml"]].concat();
    refused(
        folder.path(),
        "synth --distribution mine.toml --n 4 --out out",
        &words,
    );
}

#[test]
fn wrong_distributions() {
    let folder = tempfile::tempdir().unwrap();
    refused(
        folder.path(),
        "synth --distribution bth --n 4 --out out",
        &["bth", "both"],
    );
    refused(
        folder.path(),
        "synth --distribution spurious-2 --n 4 --out out",
        &["spurious-2"],
    );
    refused_distribution(|t| t.replacen("0.5", "0.4", 1), &["probability", "0.9"]);
    refused_distribution(|t| t.replacen("0.5", "-0.5", 1), &["probability", "-0.5"]);
    refused_distribution(|t| t.replacen("0.5", "nan", 1), &["probability"]);
    refused_distribution(
        |t| t.replacen("regular", "jagged", 1),
        &["shape", "jagged", "regular"],
    );
    refused_distribution(
        |t| t.replacen("\"normal\"", "\"benign\"", 1),
        &["label", "benign", "normal"],
    );
    refused_distribution(|t| format!("{t}\ncolour = 1\n"), &["colour"]);
}

/// The LIDC outlines with one thing wrong in them.
fn refused_outlines(change: impl Fn(&str) -> String, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("data/lidc/lidc_contours.csv")).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(folder.path().join("mine.csv"), changed).unwrap();
    let words = [words, &["mine.csv"]].concat();
    refused(
        folder.path(),
        "synth --distribution lidc --n 4 --outlines mine.csv --out out",
        &words,
    );
}

/// The text with the field of that column replaced in the first data row.
fn with_field(text: &str, column: &str, value: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = header.iter().position(|name| name == column).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for (i, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let field = |(j, old)| if i == 0 && j == at { value } else { old };
        writer
            .write_record(row.iter().enumerate().map(field))
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn wrong_outlines() {
    refused_outlines(
        |t| t.replacen("spiculation", "spikulation", 1),
        &["spiculation"],
    );
    refused_outlines(
        |t| with_field(t, "spiculation", "NaN"),
        &["spiculation", "NaN"],
    );
    refused_outlines(|t| with_field(t, "lobulation", "9"), &["lobulation", "9"]);
    refused_outlines(|t| with_field(t, CONTOUR, "1 2;3"), &["contour"]);
    refused_outlines(|t| with_field(t, CONTOUR, "1 2;3 4"), &["contour"]);
    refused_outlines(
        |t| with_field(t, CONTOUR, "0 0;0 nan;5 5;5 0"),
        &["contour"],
    );
    refused_outlines(|_| "not a table".into(), &["column"]);
    let folder = tempfile::tempdir().unwrap();
    let absent = "synth --distribution lidc --n 4 --outlines absent.csv --out out";
    refused(folder.path(), absent, &["absent.csv"]);
}

/// Name of the column that holds the points.
const CONTOUR: &str = "contour_mm";

#[test]
fn output_folders_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"precious").unwrap();
    refused(
        folder.path(),
        "study run --study smoke --out file",
        &["file", "choose another --out"],
    );
    refused(
        folder.path(),
        "study run --study smoke --out file/below",
        &["is a file, or lies below one"],
    );
    refused(
        folder.path(),
        "synth --distribution both --n 4 --out file",
        &["file"],
    );
    assert_eq!(fs::read(&file).unwrap(), b"precious");

    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("thesis.tex"), b"precious").unwrap();
    refused(
        folder.path(),
        "study run --study smoke --out other",
        &["other", "not empty"],
    );
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);

    fs::remove_file(other.join("thesis.tex")).unwrap();
    smoke_with(
        folder.path(),
        &[("epochs = 2", "epochs = 1"), ("seeds = 2", "seeds = 1")],
    );
    nodule_tests::succeed(folder.path(), "study run --study study.toml --out other");
    let before = nodule_tests::reproducible_files(&other);
    let words = ["holds another study", "seeds = 1", "seeds = 2"];
    refused(folder.path(), "study run --study smoke --out other", &words);
    assert_eq!(before, nodule_tests::reproducible_files(&other));
}

/// Root may write anywhere, so there the folder is not refused and nothing is tested.
#[cfg(unix)]
#[test]
fn an_output_folder_that_is_not_writable() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), b"").is_ok() {
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    refused(
        folder.path(),
        "study run --study smoke --out locked",
        &["locked", "cannot be written"],
    );
}

#[test]
fn wrong_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let absent = ["absent.toml", "paper, quick, regimes"];
    refused(
        folder.path(),
        "study run --study absent.toml --out out",
        &absent,
    );
    let train = "train --study smoke --train both --loss ce --seed";
    refused(
        folder.path(),
        &format!("{train} 7 --out out"),
        &["--seed", "7", "0, 1"],
    );
    let loss = "train --study smoke --train both --loss mse --seed 0 --out out";
    refused(folder.path(), loss, &["--loss", "mse", "contrastive"]);
    refused(
        folder.path(),
        "study run --study smoke --device gpu --out out",
        &["gpu", "cpu, cuda"],
    );
    let cuda = "study run --study smoke --device cuda --out out";
    refused(folder.path(), cuda, &["cuda", "--features cuda"]);
    refused(
        folder.path(),
        "study report --out absent",
        &["absent", "study.toml"],
    );
    refused(
        folder.path(),
        "evaluate --run absent --distribution both --n 4",
        &["absent"],
    );
    // These are refused by the parser of the command line, in its own words.
    for arguments in [
        "study run --study smoke --jobs 0 --out out",
        "synth --distribution both --n 0 --out out",
        "synth --distribution both --n -3 --out out",
        "synth --distribution both --out out",
        "nonsense",
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
    }
}

#[test]
fn a_checkpoint_of_another_shape() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "train --study smoke --train both --loss ce --seed 0 --out trained";
    let printed = nodule_tests::succeed(folder.path(), arguments);
    let one = folder.path().join(printed.trim());
    smoke_with(folder.path(), &[("hidden = 16", "hidden = 12")]);
    let arguments = "train --study study.toml --train both --loss ce --seed 0 --out narrow";
    let printed = nodule_tests::succeed(folder.path(), arguments);
    let other = folder.path().join(printed.trim());
    let model = |run: &Path| run.join("model.safetensors");
    fs::copy(model(&other), model(&one)).unwrap();
    update_mark(&one);
    let evaluate = format!("evaluate --run {} --distribution both --n 4", one.display());
    refused(
        folder.path(),
        &evaluate,
        &["model.safetensors", "fc1.", "12", "16"],
    );
    fs::write(model(&one), b"rubbish").unwrap();
    update_mark(&one);
    refused(
        folder.path(),
        &evaluate,
        &["model.safetensors", "not a safetensors file"],
    );
    fs::remove_file(one.join("done")).unwrap();
    refused(folder.path(), &evaluate, &["no finished run"]);
}
