//! Resumed studies: after a kill, with two processes, and with damaged runs, the results are the same.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use nodule_tests::{assert_same, nodule, smoke_with, succeed};

const RUN: [&str; 6] = ["study", "run", "--study", "smoke", "--out", "out"];

fn done_runs(out: &Path) -> usize {
    let Ok(entries) = fs::read_dir(out.join("runs")) else {
        return 0;
    };
    entries
        .filter(|e| e.as_ref().is_ok_and(|e| e.path().join("done").is_file()))
        .count()
}

fn run_smoke() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    folder
}

/// Kills the study of `folder` with SIGKILL when `runs` runs are done.
fn kill_after(folder: &Path, runs: usize) {
    let mut command = nodule();
    command
        .args(["study", "run", "--study", "study.toml", "--out", "out"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while done_runs(&folder.join("out")) < runs {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the study ended before the kill"
        );
        assert!(
            start.elapsed() < Duration::from_secs(300),
            "no run was done in five minutes"
        );
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_study_resumes_with_the_same_results() {
    let folder = tempfile::tempdir().unwrap();
    // Enough runs that some are left on a busy machine.
    smoke_with(folder.path(), &[("seeds = 2", "seeds = 5")]);
    for runs in [1, 5] {
        kill_after(folder.path(), runs);
    }
    let out = folder.path().join("out");
    assert!(done_runs(&out) < 45, "nothing was left to resume");
    succeed(folder.path(), "study run --study study.toml --out out");
    succeed(folder.path(), "study run --study study.toml --out whole");
    assert_same(&out, &folder.path().join("whole"));
}

#[test]
fn two_processes_in_one_folder_give_the_same_results() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = nodule();
        command
            .args(RUN)
            .args(["--jobs", "1"])
            .current_dir(folder.path());
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [start(), start()];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_same(&folder.path().join("out"), &run_smoke().path().join("out"));
}

#[test]
fn damaged_unfinished_runs_are_replaced() {
    let folder = run_smoke();
    let out = folder.path().join("out");
    let mut runs: Vec<_> = fs::read_dir(out.join("runs"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    runs.sort();
    fs::remove_file(runs[0].join("done")).unwrap();
    fs::write(runs[0].join("model.safetensors"), b"rubbish").unwrap();
    fs::remove_dir_all(&runs[1]).unwrap();
    fs::create_dir(out.join("runs/not-a-run")).unwrap();
    fs::write(out.join("runs/not-a-run/done"), b"").unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    fs::remove_dir_all(out.join("runs/not-a-run")).unwrap();
    assert_same(&out, &run_smoke().path().join("out"));
}
