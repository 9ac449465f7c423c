//! Invalid input: one message that names the file, the field, the value and the allowed values; exit code 2; no panic;
//! no partial output.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{assert_rejected_without_output, run, smoke_with, update_mark, workspace};

/// Asserts that the smoke study with one change is rejected.
fn assert_study_rejected(from: &str, to: &str, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &[(from, to)]);
    let words = [expected, &["study.toml"]].concat();
    assert_rejected_without_output(
        folder.path(),
        "study run --study study.toml --out out",
        &words,
    );
}

#[test]
fn rejects_unknown_names_in_a_study() {
    assert_study_rejected(
        "\"ce\", ",
        "\"focal\", ",
        &["losses", "focal", "ce, contrastive, ce+contrastive, supcon"],
    );
    assert_study_rejected(
        "\"centroid\", ",
        "\"svm\", ",
        &["read_outs", "svm", "centroid"],
    );
    assert_study_rejected(
        "[\"both\", \"shape\", \"random-labels\"]",
        "[\"bth\"]",
        &["train", "bth", "both"],
    );
    assert_study_rejected(
        "\"shape-only\", ",
        "\"shapes\", ",
        &["test", "shapes", "shape-only"],
    );
    assert_study_rejected(
        "mode = \"shape\"",
        "mode = \"colour\"",
        &["hypothesis H1", "colour", "texture"],
    );
    assert_study_rejected(
        "a = { loss = \"ce\"",
        "a = { loss = \"mse\"",
        &["contrast.a.loss", "mse"],
    );
    assert_study_rejected(
        "\"both\", \"shape\"",
        "\"both\", \"lidc\"",
        &["train", "lidc", "testing only"],
    );
    assert_study_rejected(
        "\"shape-only\", ",
        "\"spurious-1.5\", ",
        &["test", "spurious-1.5"],
    );
}

#[test]
fn rejects_unknown_and_missing_keys_in_a_study() {
    assert_study_rejected(
        "epochs = 2",
        "epochs = 2\nnesterov = true",
        &["nesterov", "epochs"],
    );
    assert_study_rejected("[network]", "[netwrok]", &["netwrok", "network"]);
    assert_study_rejected("seeds = 2", "", &["missing field `seeds`"]);
    assert_study_rejected("seeds = 2", "seeds = \"two\"", &["seeds", "two"]);
    assert_study_rejected("seeds = 2", "seeds = 2 3", &["study.toml:"]);
}

#[test]
fn rejects_numbers_out_of_range_in_a_study() {
    assert_study_rejected("seeds = 2", "seeds = 0", &["seeds", "0", "from 1"]);
    assert_study_rejected("seeds = 2", "seeds = -1", &["seeds", "-1"]);
    assert_study_rejected("epochs = 2", "epochs = 0", &["epochs = 0", "at least 1"]);
    assert_study_rejected("train = 64", "train = 0", &["samples.train", "0"]);
    assert_study_rejected("test = 32", "test = 0", &["samples.test", "0"]);
    assert_study_rejected(
        "batch_size = 16",
        "batch_size = 1",
        &["batch_size = 1", "pairs"],
    );
    assert_study_rejected(
        "batch_size = 16",
        "batch_size = 65",
        &["samples.train", "batch_size = 65"],
    );
    for rate in ["0.0", "1e-300", "-0.1", "1.1e30", "nan", "inf"] {
        assert_study_rejected(
            "learning_rate = 0.001",
            &format!("learning_rate = {rate}"),
            &["learning_rate"],
        );
    }
    assert_study_rejected(
        "margin = 1.0",
        "margin = nan",
        &["contrastive.margin", "NaN"],
    );
    assert_study_rejected(
        "margin = 1.0",
        "margin = 3.0",
        &["contrastive.margin", "3", "at most 2"],
    );
    assert_study_rejected(
        "weight = 1.0",
        "weight = -1.0",
        &["contrastive.weight", "-1"],
    );
    assert_study_rejected("image_size = 32", "image_size = 8", &["image_size", "8"]);
    assert_study_rejected("hidden = 16", "hidden = 0", &["hidden = 0"]);
    assert_study_rejected(
        "smallest_effect = 0.1",
        "smallest_effect = 0.0",
        &["smallest_effect", "0"],
    );
    let amplitude = "image_size = 32\nshape_amplitude = -1.0";
    assert_study_rejected("image_size = 32", amplitude, &["shape_amplitude", "-1"]);
}

/// Asserts that the distribution `both` with one change is rejected.
fn assert_distribution_rejected(change: impl Fn(&str) -> String, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("data/distributions/both.toml")).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(folder.path().join("mine.toml"), changed).unwrap();
    let words = [expected, &["mine.toml"]].concat();
    assert_rejected_without_output(
        folder.path(),
        "synth --distribution mine.toml --n 4 --out out",
        &words,
    );
}

#[test]
fn rejects_wrong_distributions() {
    let folder = tempfile::tempdir().unwrap();
    assert_rejected_without_output(
        folder.path(),
        "synth --distribution bth --n 4 --out out",
        &["bth", "both"],
    );
    assert_rejected_without_output(
        folder.path(),
        "synth --distribution spurious-2 --n 4 --out out",
        &["spurious-2"],
    );
    assert_distribution_rejected(|t| t.replacen("0.5", "0.4", 1), &["probability", "0.9"]);
    assert_distribution_rejected(|t| t.replacen("0.5", "-0.5", 1), &["probability", "-0.5"]);
    assert_distribution_rejected(|t| t.replacen("0.5", "nan", 1), &["probability"]);
    assert_distribution_rejected(
        |t| t.replacen("regular", "jagged", 1),
        &["shape", "jagged", "regular"],
    );
    assert_distribution_rejected(
        |t| t.replacen("\"normal\"", "\"benign\"", 1),
        &["label", "benign", "normal"],
    );
    assert_distribution_rejected(|t| format!("{t}\ncolour = 1\n"), &["colour"]);
}

/// Asserts that the LIDC outlines with one change are rejected.
fn assert_outlines_rejected(change: impl Fn(&str) -> String, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("data/lidc/lidc_contours.csv")).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(folder.path().join("mine.csv"), changed).unwrap();
    let words = [expected, &["mine.csv"]].concat();
    assert_rejected_without_output(
        folder.path(),
        "synth --distribution lidc --n 4 --outlines mine.csv --out out",
        &words,
    );
}

/// Returns the text with that column replaced in the first data row.
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
fn rejects_wrong_outlines() {
    assert_outlines_rejected(
        |t| t.replacen("spiculation", "spikulation", 1),
        &["spiculation"],
    );
    assert_outlines_rejected(
        |t| with_field(t, "spiculation", "NaN"),
        &["spiculation", "NaN"],
    );
    assert_outlines_rejected(|t| with_field(t, "lobulation", "9"), &["lobulation", "9"]);
    assert_outlines_rejected(|t| with_field(t, CONTOUR, "1 2;3"), &["contour"]);
    assert_outlines_rejected(|t| with_field(t, CONTOUR, "1 2;3 4"), &["contour"]);
    assert_outlines_rejected(
        |t| with_field(t, CONTOUR, "0 0;0 nan;5 5;5 0"),
        &["contour"],
    );
    assert_outlines_rejected(|_| "not a table".into(), &["column"]);
    let folder = tempfile::tempdir().unwrap();
    let absent = "synth --distribution lidc --n 4 --outlines absent.csv --out out";
    assert_rejected_without_output(folder.path(), absent, &["absent.csv"]);
}

/// Name of the column that holds the points.
const CONTOUR: &str = "contour_mm";

#[test]
fn rejects_output_folders_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"precious").unwrap();
    assert_rejected_without_output(
        folder.path(),
        "study run --study smoke --out file",
        &["file", "choose another --out"],
    );
    assert_rejected_without_output(
        folder.path(),
        "study run --study smoke --out file/below",
        &["is a file or lies below one"],
    );
    assert_rejected_without_output(
        folder.path(),
        "synth --distribution both --n 4 --out file",
        &["file"],
    );
    assert_eq!(fs::read(&file).unwrap(), b"precious");

    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("thesis.tex"), b"precious").unwrap();
    assert_rejected_without_output(
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
    assert_rejected_without_output(folder.path(), "study run --study smoke --out other", &words);
    assert_eq!(before, nodule_tests::reproducible_files(&other));
}

/// Skipped for root, who may write anywhere.
#[cfg(unix)]
#[test]
fn rejects_an_output_folder_that_is_not_writable() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), b"").is_ok() {
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    assert_rejected_without_output(
        folder.path(),
        "study run --study smoke --out locked",
        &["locked", "cannot be written"],
    );
}

#[test]
fn rejects_wrong_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let absent = ["absent.toml", "paper, practice, quick"];
    assert_rejected_without_output(
        folder.path(),
        "study run --study absent.toml --out out",
        &absent,
    );
    let train = "train --study smoke --train both --loss ce --seed";
    assert_rejected_without_output(
        folder.path(),
        &format!("{train} 7 --out out"),
        &["--seed", "7", "0, 1"],
    );
    let loss = "train --study smoke --train both --loss mse --seed 0 --out out";
    assert_rejected_without_output(folder.path(), loss, &["--loss", "mse", "contrastive"]);
    assert_rejected_without_output(
        folder.path(),
        "study run --study smoke --device gpu --out out",
        &["gpu", "cpu, cuda"],
    );
    let cuda = "study run --study smoke --device cuda --out out";
    assert_rejected_without_output(folder.path(), cuda, &["cuda", "--features cuda"]);
    assert_rejected_without_output(
        folder.path(),
        "study report --out absent",
        &["absent", "study.toml"],
    );
    assert_rejected_without_output(
        folder.path(),
        "evaluate --run absent --distribution both --n 4",
        &["absent"],
    );
    // The command-line parser rejects these with its own messages.
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
fn rejects_a_checkpoint_of_another_shape() {
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
    assert_rejected_without_output(
        folder.path(),
        &evaluate,
        &["model.safetensors", "fc1.", "12", "16"],
    );
    fs::write(model(&one), b"rubbish").unwrap();
    update_mark(&one);
    assert_rejected_without_output(
        folder.path(),
        &evaluate,
        &["model.safetensors", "not a safetensors file"],
    );
    fs::remove_file(one.join("done")).unwrap();
    assert_rejected_without_output(folder.path(), &evaluate, &["no finished run"]);
}
