//! Report of a study with variants and crossed seeds, from a folder of synthetic runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "other tests use the rest")]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};

use nodule_report::{Summary, summarise};
use nodule_study::records::{FinishedRun, Showcase};
use nodule_study::results::{Claim, claim_run};
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study, open_output, plan, plan_grid};

/// Returns a study with a grid of 6 runs, 8 crossed runs of which 2 are in the grid, and 3 variants with 6 runs each.
fn study() -> Resolved {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/studies/varied.toml");
    load_study(&path.to_string_lossy(), &Registry::default()).unwrap()
}

/// Writes the files of a run.
fn write_run(output: &Output, spec: &RunSpec) {
    let mut run = fixtures::run(spec.train.name(), &spec.loss.name, spec.seed);
    run.record.run = spec.id.clone();
    run.record.settings = spec.settings.clone();
    let Claim::Claimed(folder) = claim_run(&output.run_folder(&spec.id)).unwrap() else {
        panic!("a new run is free")
    };
    let file = |name: &str, text: &[u8]| folder.write(name, text).unwrap();
    file("run.json", &serde_json::to_vec(&run.record).unwrap());
    let evaluation = serde_json::to_vec(&run.evaluation).unwrap();
    file("evaluation.json", &evaluation);
    let mut history = csv::Writer::from_writer(Vec::new());
    run.history
        .iter()
        .for_each(|epoch| history.serialize(epoch).unwrap());
    file("history.csv", &history.into_inner().unwrap());
    file("model.safetensors", b"weights");
    file("predictions.csv", b"run\n");
    folder.finish().unwrap();
}

/// Writes all runs of the study, and returns those of its grid.
fn finish_study(folder: &Path) -> (Resolved, Output, Vec<FinishedRun>) {
    let resolved = study();
    let output = open_output(folder, &resolved, &Registry::default()).unwrap();
    for spec in plan(&resolved, "cpu") {
        write_run(&output, &spec);
    }
    let runs = output
        .read_complete_runs(&resolved, &plan_grid(&resolved, "cpu"))
        .unwrap();
    (resolved, output, runs)
}

fn summary(resolved: &Resolved, output: &Output, runs: &[FinishedRun]) -> Summary {
    summarise(resolved, "cpu", output, runs, &Showcase::default()).unwrap()
}

/// Returns the lines of a table without its header.
fn lines(output: &Output, name: &str) -> Vec<String> {
    let text = fs::read_to_string(output.path().join("tables").join(name)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn every_planned_run_is_in_the_report_once() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finish_study(folder.path());
    assert_eq!(runs.len(), 6);
    let summary = summary(&resolved, &output, &runs);
    assert_eq!((summary.finished, summary.planned), (30, 30));
    assert_eq!(summary.verdicts.len(), 2);
    let page = fs::read_to_string(&summary.report).unwrap();
    assert!(
        page.contains("The study and its 3 variants have 24 of 24 runs."),
        "{page}"
    );
    assert!(page.contains("(2 x 2 x 2): 8 of 8 runs are finished"));
    for name in ["multiverse", "variance", "power", "salience-both"] {
        assert!(
            !lines(&output, &format!("{name}.summary.csv")).is_empty(),
            "{name}"
        );
    }
    // Reliance on shape and texture, and accuracy on each test.
    let numbers = 2 + fixtures::TESTS.len();
    assert_eq!(lines(&output, "varied.csv").len(), 24 * 3 * numbers);
    assert_eq!(lines(&output, "crossed.csv").len(), 8 * 4 * numbers);
    // One claim with three classifiers and one that compares classifiers, in four settings.
    assert_eq!(lines(&output, "multiverse.csv").len(), 4 * (3 + 1));
}

#[test]
fn runs_of_the_grid_are_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finish_study(folder.path());
    for run in &runs {
        let file = output.run_folder(&run.record.run).join("evaluation.json");
        fs::write(file, "invalid").unwrap();
    }
    let summary = summary(&resolved, &output, &runs);
    assert_eq!(summary.finished, 30);
    assert!(
        lines(&output, "crossed.csv")
            .iter()
            .any(|l| l.starts_with(&runs[0].record.run))
    );
}

#[test]
fn missing_runs_beyond_the_grid_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finish_study(folder.path());
    let planned = plan(&resolved, "cpu");
    let crossed = planned.iter().find(|spec| spec.crossed.is_some()).unwrap();
    fs::remove_file(output.run_folder(&crossed.id).join("done")).unwrap();
    let summary = summary(&resolved, &output, &runs);
    assert_eq!((summary.finished, summary.planned), (29, 30));
    let page = fs::read_to_string(&summary.report).unwrap();
    assert!(page.contains("7 of 8 runs are finished"));
    assert!(!output.path().join("tables/variance.md").exists());
}
