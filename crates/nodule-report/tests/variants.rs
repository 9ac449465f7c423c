//! A study with variants and crossed seeds, summarised from a folder of made-up runs: every run counts
//! where it belongs, and those that are given are not read again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "whole made-up studies are for the other tests")]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};

use nodule_report::{Summary, summarise};
use nodule_study::records::{FinishedRun, Showcase};
use nodule_study::results::{Claim, claim_run};
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study, open_output, plan, plan_grid};

/// A study of a grid of 6 runs, 8 crossed ones of which 2 are the grid's, and 3 variants of 6.
fn study() -> Resolved {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/studies/varied.toml");
    load_study(&path.to_string_lossy(), &Registry::default()).unwrap()
}

/// What that run left behind, in its folder.
fn write(output: &Output, spec: &RunSpec) {
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

/// The folder of the whole study, and the runs of its grid.
fn finished(folder: &Path) -> (Resolved, Output, Vec<FinishedRun>) {
    let resolved = study();
    let output = open_output(folder, &resolved, &Registry::default()).unwrap();
    for spec in plan(&resolved, "cpu") {
        write(&output, &spec);
    }
    let runs = output
        .read_complete_runs(&resolved, &plan_grid(&resolved, "cpu"))
        .unwrap();
    (resolved, output, runs)
}

fn summary(resolved: &Resolved, output: &Output, runs: &[FinishedRun]) -> Summary {
    summarise(resolved, "cpu", output, runs, &Showcase::default()).unwrap()
}

/// Lines after the header.
fn lines(output: &Output, name: &str) -> Vec<String> {
    let text = fs::read_to_string(output.path().join("tables").join(name)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn every_planned_run_is_in_the_report_once() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finished(folder.path());
    assert_eq!(runs.len(), 6);
    let summary = summary(&resolved, &output, &runs);
    assert_eq!((summary.finished, summary.planned), (30, 30));
    assert_eq!(summary.verdicts.len(), 2);
    let page = fs::read_to_string(&summary.report).unwrap();
    assert!(
        page.contains("With 3 variants of it, 24 of 24 runs are there"),
        "{page}"
    );
    assert!(page.contains("2 x 2 x 2: 8 of 8 such runs are there"));
    for name in ["multiverse", "variance", "power", "salience-both"] {
        assert!(
            !lines(&output, &format!("{name}.summary.csv")).is_empty(),
            "{name}"
        );
    }
    // Runs, read-outs that all losses have, and shape, texture and accuracy on each test.
    let numbers = 2 + fixtures::TESTS.len();
    assert_eq!(lines(&output, "varied.csv").len(), 24 * 3 * numbers);
    assert_eq!(lines(&output, "crossed.csv").len(), 8 * 4 * numbers);
    // A claim by three read-outs and one about read-outs, in four settings.
    assert_eq!(lines(&output, "multiverse.csv").len(), 4 * (3 + 1));
}

#[test]
fn runs_that_are_given_are_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finished(folder.path());
    for run in &runs {
        let file = output.run_folder(&run.record.run).join("evaluation.json");
        fs::write(file, "not to be read").unwrap();
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
fn what_is_missing_beyond_the_grid_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (resolved, output, runs) = finished(folder.path());
    let planned = plan(&resolved, "cpu");
    let crossed = planned.iter().find(|spec| spec.crossed.is_some()).unwrap();
    fs::remove_file(output.run_folder(&crossed.id).join("done")).unwrap();
    let summary = summary(&resolved, &output, &runs);
    assert_eq!((summary.finished, summary.planned), (29, 30));
    let page = fs::read_to_string(&summary.report).unwrap();
    assert!(page.contains("7 of 8 such runs are there"));
    assert!(!output.path().join("tables/variance.md").exists());
}
