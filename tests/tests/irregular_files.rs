//! Paths of input that are no regular files: one message, exit code 2, and no command waits for them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{assert_rejected_without_output, succeed};

/// Puts something in the place of a file that cannot be read, or that never ends.
fn put_no_file(path: &Path, what: &str) {
    use std::os::unix::{fs::symlink, net::UnixListener};
    if path.exists() {
        fs::remove_file(path).unwrap();
    }
    match what {
        "loop" => symlink(path.file_name().unwrap(), path).unwrap(),
        "folder" => fs::create_dir(path).unwrap(),
        "pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        "device" => symlink("/dev/zero", path).unwrap(),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "empty" => fs::write(path, "").unwrap(),
        other => panic!("{other}"),
    }
}

fn remove_no_file(path: &Path) {
    match fs::symlink_metadata(path).unwrap().is_dir() {
        true => fs::remove_dir(path).unwrap(),
        false => fs::remove_file(path).unwrap(),
    }
}

#[test]
fn rejects_paths_that_are_no_files_and_does_not_wait_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let train = "train --study smoke --train both --loss ce --seed 0 --out trained";
    let run_path = succeed(here, train).trim().to_owned();
    let run_folder = here.join(&run_path);
    let kinds = ["loop", "folder", "pipe", "device", "socket", "empty"];
    let evaluate = format!("evaluate --run {run_path} --distribution both --n 4");
    for name in ["model.safetensors", "predictions.csv", "run.json", "done"] {
        let path = run_folder.join(name);
        let bytes = fs::read(&path).unwrap();
        for what in kinds {
            put_no_file(&path, what);
            assert_rejected_without_output(here, &evaluate, &[name]);
            remove_no_file(&path);
        }
        fs::write(&path, bytes).unwrap();
    }
    succeed(here, &evaluate);
    let png = here.join("png");
    fs::create_dir(&png).unwrap();
    for what in kinds {
        for (name, arguments) in [
            ("mine.toml", "study plan --study mine.toml"),
            (
                "mine.toml",
                "synth --n 1 --out out --distribution mine.toml",
            ),
            (
                "mine.csv",
                "synth --n 1 --out out --distribution lidc --outlines mine.csv",
            ),
            (
                "mine.npz",
                "synth --n 1 --out out --distribution both --backgrounds mine.npz",
            ),
            (
                "png/labels.csv",
                &format!("evaluate --run {run_path} --images png"),
            ),
        ] {
            let path = here.join(name);
            put_no_file(&path, what);
            assert_rejected_without_output(here, arguments, &[name]);
            remove_no_file(&path);
        }
    }
}
