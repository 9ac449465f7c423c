//! Read-only commands: `study watch` during and after runs, and `study compare`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use nodule_tests::{nodule, reproducible_files, run, smoke_with, succeed};

const SMALL: [(&str, &str); 2] = [
    ("seeds = 2", "seeds = 1"),
    (
        "train = [\"both\", \"shape\", \"random-labels\"]",
        "train = [\"both\"]",
    ),
];

fn watch(folder: &Path) -> String {
    succeed(folder, "study watch --out out --once")
}

/// Returns whether a run has a checkpoint.
fn has_checkpoint(folder: &Path) -> bool {
    let runs = fs::read_dir(folder.join("out/runs")).into_iter().flatten();
    runs.flatten()
        .any(|run| run.path().join("checkpoint.safetensors").is_file())
}

#[test]
fn watch_shows_running_and_finished_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    smoke_with(folder, &[("epochs = 2", "epochs = 60"), SMALL[0], SMALL[1]]);
    let run = "study run --study study.toml --jobs 1 --out out";
    let mut child = nodule()
        .args(run.split(' '))
        .args(["--checkpoint-every", "0"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let clock = Instant::now();
    while !has_checkpoint(folder) {
        assert!(clock.elapsed() < Duration::from_secs(120), "no checkpoint");
        assert!(child.try_wait().unwrap().is_none(), "the study ended");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let printed = watch(folder);
    let first = printed.lines().next().unwrap();
    assert!(
        first.contains("of 3 runs done, 1 running, 0 failed, "),
        "{printed}"
    );
    let running = printed
        .lines()
        .find(|line| line.starts_with("running    both "));
    let running = running.unwrap();
    assert!(
        running.contains(" of 60, ") && running.contains(" ago"),
        "{printed}"
    );

    succeed(folder, run);
    let before = reproducible_files(&folder.join("out"));
    let printed = watch(folder);
    let first = printed.lines().next().unwrap();
    assert!(
        first.ends_with("3 of 3 runs done, 0 running, 0 failed, 0 waiting"),
        "{printed}"
    );
    assert!(
        printed.contains("done       both contrastive seed 0: loss "),
        "{printed}"
    );
    assert_eq!(printed.matches("validation accuracy ").count(), 3);
    assert!(
        before == reproducible_files(&folder.join("out")),
        "watch changes no file"
    );
}

#[test]
fn compare_lists_differences_and_effects() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    smoke_with(folder, &SMALL);
    succeed(folder, "study run --study study.toml --out one");
    smoke_with(
        folder,
        &[("margin = 1.0", "margin = 0.5"), SMALL[0], SMALL[1]],
    );
    succeed(folder, "study run --study study.toml --out other");
    succeed(folder, "study compare one other --out compared");
    for (studies, words) in [
        ("one other", "is not empty (it holds "),
        ("one other one/../one", "one/../one is given twice"),
    ] {
        let output = run(folder, &format!("study compare {studies} --out compared"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let page = read("compared/index.html");
    assert!(
        page.contains("margin") && page.contains("<code>0.5</code>"),
        "{page}"
    );
    assert!(
        !page.contains("training.epochs"),
        "equal settings are not listed"
    );
    let mut rows = csv::Reader::from_path(folder.join("compared/comparison.csv")).unwrap();
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * 6);
    // The numbers equal those of each study's own report.
    for (study, rows) in ["one", "other"].iter().zip(rows.chunks(6)) {
        let own = folder.join(study).join("tables/hypotheses.csv");
        let mut own = csv::Reader::from_path(own).unwrap();
        for (row, own) in rows.iter().zip(own.records()) {
            let own = own.unwrap();
            assert_eq!((&row[0], &row[1], &row[3]), (*study, &own[0], &own[2]));
            assert_eq!((&row[7], &row[9]), (&own[6], &own[8]));
        }
    }
}
