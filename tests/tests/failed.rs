//! Diverging runs: each stops with a reason, and a new start tries it again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::{run, smoke_with, succeed};

const REASON: &str = "lower the learning rate";

/// Writes a study with one run per loss and seed, all of which diverge.
fn write_diverging_study(folder: &Path) {
    smoke_with(
        folder,
        &[
            ("learning_rate = 0.001", "learning_rate = 1e30"),
            ("[\"both\", \"shape\", \"random-labels\"]", "[\"both\"]"),
        ],
    );
}

fn failure_files(out: &Path) -> Vec<PathBuf> {
    let runs = fs::read_dir(out.join("runs")).unwrap();
    let files = runs.map(|run| run.unwrap().path().join("failed"));
    files.filter(|file| file.is_file()).collect()
}

#[test]
fn a_diverging_run_reports_its_step_and_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    write_diverging_study(folder.path());
    let out = folder.path().join("out");
    let start = || run(folder.path(), "study run --study study.toml --out out");
    let output = start();
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(
        printed.contains("6 of 6 runs failed") && printed.contains(REASON),
        "{printed}"
    );
    assert!(!printed.contains("panicked"), "{printed}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        printed.contains("no finished run, 4 failed runs are missing"),
        "{printed}"
    );

    let files = failure_files(&out);
    assert_eq!(files.len(), 6);
    for file in &files {
        let reason = fs::read_to_string(file).unwrap();
        assert!(
            reason.starts_with("diverged: the ") && reason.contains(" at step "),
            "{reason}"
        );
        assert!(
            reason.contains(REASON) && reason.lines().count() == 1,
            "{reason}"
        );
        assert!(!file.with_file_name("done").exists());
    }
    let status = succeed(folder.path(), "study status --out out");
    assert_eq!(status.matches("failed: both ").count(), 6, "{status}");
    assert!(status.contains(REASON), "{status}");
    let plan = succeed(folder.path(), "study plan --study study.toml --out out");
    assert_eq!(plan.matches("  failed  ").count(), 6, "{plan}");

    let report = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(
        report.contains("6 runs failed: both ce seed 0 ("),
        "{report}"
    );
    assert!(report.contains("and 3 more"), "{report}");
    let states = fs::read_to_string(out.join("tables/states.csv")).unwrap();
    assert_eq!(
        states.matches(",diverged,diverged: the ").count(),
        6,
        "{states}"
    );

    // A new start ignores the old reason, tries the run and writes the reason again.
    fs::write(&files[0], "an old reason\n").unwrap();
    let printed = String::from_utf8(start().stderr).unwrap();
    assert!(
        printed.contains("6 of 6 runs failed") && !printed.contains("an old reason"),
        "{printed}"
    );
    assert!(fs::read_to_string(&files[0]).unwrap().contains(REASON));
}

#[test]
fn constant_networks_are_counted_and_give_no_absurd_numbers() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &[("hidden = 16", "hidden = 1")]);
    succeed(folder.path(), "study run --study study.toml --out out");
    let out = folder.path().join("out");
    let report = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(report.contains("a constant decision score"), "{report}");
    let states = fs::read_to_string(out.join("tables/states.csv")).unwrap();
    assert!(
        states.contains("undecided,the decision score is constant"),
        "{states}"
    );
    let mut checked = 0;
    for entry in fs::read_dir(out.join("tables")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "csv") {
            continue;
        }
        let mut table = csv::Reader::from_path(&path).unwrap();
        let header = table.headers().unwrap().clone();
        for record in table.records() {
            // A run's id may parse as a number.
            let record = record.unwrap();
            let cells = header
                .iter()
                .zip(&record)
                .filter(|(name, _)| *name != "run");
            for (name, cell) in cells {
                let number = cell.parse::<f64>().unwrap_or_default();
                let file = path.display();
                assert!(
                    number.is_finite() && number.abs() < 1e6,
                    "{file}: {name} = {cell}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 1000, "{checked} cells");
}
