//! Checks of finished runs against their mark `done`, and repetition of broken runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_study::plan::build_versions;
use nodule_study::records::{RunRecord, Timings};
use nodule_study::results::{Claim, Depth, RunFolder, RunState, claim_run, is_done, run_state};
use nodule_study::{Registry, RunSpec, load_study, plan};

const FILES: [&str; 5] = [
    "evaluation.json",
    "history.csv",
    "model.safetensors",
    "predictions.csv",
    "run.json",
];

fn specs() -> Vec<RunSpec> {
    plan(&load_study("smoke", &Registry::default()).unwrap(), "cpu")
}

fn claim(path: &Path) -> RunFolder {
    match claim_run(path).unwrap() {
        Claim::Claimed(folder) => *folder,
        other => panic!("the run is not free: {other:?}"),
    }
}

fn record(spec: &RunSpec) -> RunRecord {
    RunRecord {
        run: spec.id.clone(),
        train: spec.train.name().to_owned(),
        loss: spec.loss.name.clone(),
        seed: spec.seed,
        settings: spec.settings.clone(),
        seeds: spec.seeds,
        versions: build_versions(),
        device: "cpu".into(),
        threads: 1,
        machine: String::new(),
        started_unix_s: 0.0,
        timings: Timings {
            generate_s: 0.0,
            train_s: 0.0,
            evaluate_s: 0.0,
        },
    }
}

/// Writes the files of a finished run without measurements.
fn write_finished_run(runs: &Path, spec: &RunSpec) -> PathBuf {
    write_finished_run_with(runs, spec, &record(spec))
}

fn write_finished_run_with(runs: &Path, spec: &RunSpec, record: &RunRecord) -> PathBuf {
    let path = runs.join(&spec.id);
    let folder = claim(&path);
    let json = serde_json::to_vec_pretty(record).unwrap();
    folder.write("run.json", &json).unwrap();
    folder.write("history.csv", b"epoch\n").unwrap();
    let evaluation = br#"{"read_outs": [], "timeline": []}"#;
    folder.write("evaluation.json", evaluation).unwrap();
    folder.write("model.safetensors", b"weights").unwrap();
    folder.write("predictions.csv", b"run,test\n").unwrap();
    assert!(!is_done(&path));
    folder.finish().unwrap();
    path
}

fn broken_reason(path: &Path, depth: Depth) -> Option<String> {
    match run_state(path, depth).unwrap() {
        RunState::Broken(error) => Some(error.to_string()),
        _ => None,
    }
}

#[test]
fn a_finished_run_is_complete_and_has_no_claim_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_finished_run(folder.path(), &specs()[0]);
    assert!(matches!(claim_run(&path).unwrap(), Claim::Done));
    assert!(matches!(
        run_state(&path, Depth::Everything).unwrap(),
        RunState::Complete
    ));
    let mut names: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    assert_eq!(names[1..], FILES);
    assert_eq!(names[0], "done");
}

#[test]
fn a_run_without_all_its_files_cannot_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = claim(&path);
    run.write("run.json", b"{}").unwrap();
    let message = run.finish().unwrap_err().to_string();
    assert!(message.contains("evaluation.json"), "{message}");
    assert!(!is_done(&path));
}

#[test]
fn a_changed_file_is_named_and_the_broken_run_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let spec = &specs()[0];
    for (n, name) in FILES.iter().chain(&["done"]).enumerate() {
        let path = write_finished_run(folder.path(), spec);
        let file = path.join(name);
        let bytes = fs::read(&file).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        for wrong in [&bytes[..0], &bytes[..bytes.len() - 1], &flipped[..]] {
            fs::write(&file, wrong).unwrap();
            let reason = broken_reason(&path, Depth::Everything).expect("the run is broken");
            assert!(
                reason.contains("done") || reason.contains(name),
                "{name}: {reason}"
            );
            fs::write(&file, &bytes).unwrap();
        }
        assert!(broken_reason(&path, Depth::Everything).is_none());
        fs::write(&file, b"changed").unwrap();
        let again = claim(&path);
        let (kept, _) = again.broken_run().unwrap();
        assert_eq!(
            kept,
            folder.path().join(format!("{}.broken-{}", spec.id, n + 1))
        );
        assert_eq!(fs::read(kept.join(name)).unwrap(), b"changed");
        assert_eq!(fs::read_dir(kept).unwrap().count(), 6);
        assert!(!is_done(&path));
    }
}

#[test]
fn the_files_of_another_run_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let specs = specs();
    let [one, other] = [0, 1].map(|i| write_finished_run(folder.path(), &specs[i]));
    let parked = folder.path().join("parked");
    fs::rename(&one, &parked).unwrap();
    fs::rename(&other, &one).unwrap();
    let reason = broken_reason(&one, Depth::Records).unwrap();
    assert!(
        reason.contains(&specs[0].id) && reason.contains(&specs[1].id),
        "{reason}"
    );
}

#[test]
fn a_record_with_other_settings_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let spec = &specs()[0];
    let mut changed = record(spec);
    changed.settings["root_seed"] = 1.into();
    let path = write_finished_run_with(folder.path(), spec, &changed);
    let reason = broken_reason(&path, Depth::Records).unwrap();
    assert!(reason.contains("its settings are those of"), "{reason}");
}
