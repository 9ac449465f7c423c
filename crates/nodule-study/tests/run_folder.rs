//! A finished run is held against its mark: what is not whole is named, kept and made again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_study::plan::versions;
use nodule_study::records::{RunRecord, Timings};
use nodule_study::results::{Claim, Depth, RunFolder, RunState, claim, is_done, run_state};
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

fn mine(path: &Path) -> RunFolder {
    match claim(path).unwrap() {
        Claim::Mine(folder) => *folder,
        other => panic!("it is not free: {other:?}"),
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
        versions: versions(),
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

/// A finished run of these records; what was measured is nothing.
fn finish(runs: &Path, spec: &RunSpec) -> PathBuf {
    let path = runs.join(&spec.id);
    let folder = mine(&path);
    let json = serde_json::to_vec_pretty(&record(spec)).unwrap();
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

fn reason(path: &Path, depth: Depth) -> Option<String> {
    match run_state(path, depth).unwrap() {
        RunState::Broken(why) => Some(why.to_string()),
        _ => None,
    }
}

#[test]
fn a_finished_run_is_done_and_leaves_no_claim() {
    let folder = tempfile::tempdir().unwrap();
    let path = finish(folder.path(), &specs()[0]);
    assert!(matches!(claim(&path).unwrap(), Claim::Done));
    assert!(matches!(
        run_state(&path, Depth::Everything).unwrap(),
        RunState::Whole
    ));
    let names = fs::read_dir(&path).unwrap();
    let names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != ".lock").collect();
    names.sort();
    assert_eq!(names[1..], FILES);
    assert_eq!(names[0], "done");
}

#[test]
fn a_run_without_all_its_files_cannot_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = mine(&path);
    run.write("run.json", b"{}").unwrap();
    let message = run.finish().unwrap_err().to_string();
    assert!(message.contains("evaluation.json"), "{message}");
    assert!(!is_done(&path));
}

#[test]
fn what_a_file_lost_is_named_and_the_run_is_kept_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let spec = &specs()[0];
    for (n, name) in FILES.iter().chain(&["done"]).enumerate() {
        let path = finish(folder.path(), spec);
        let file = path.join(name);
        let bytes = fs::read(&file).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        for wrong in [&bytes[..0], &bytes[..bytes.len() - 1], &flipped[..]] {
            fs::write(&file, wrong).unwrap();
            let why = reason(&path, Depth::Everything).expect("it is not whole");
            assert!(why.contains("done") || why.contains(name), "{name}: {why}");
            fs::write(&file, &bytes).unwrap();
        }
        assert!(reason(&path, Depth::Everything).is_none());
        fs::write(&file, b"rubbish").unwrap();
        let again = mine(&path);
        let (aside, _) = again.set_aside().unwrap();
        assert_eq!(
            aside,
            folder.path().join(format!("{}.broken-{}", spec.id, n + 1))
        );
        assert_eq!(fs::read(aside.join(name)).unwrap(), b"rubbish");
        assert_eq!(fs::read_dir(aside).unwrap().count(), 6);
        assert!(!is_done(&path));
    }
}

#[test]
fn files_of_another_run_are_not_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let specs = specs();
    let [one, other] = [0, 1].map(|i| finish(folder.path(), &specs[i]));
    let parked = folder.path().join("parked");
    fs::rename(&one, &parked).unwrap();
    fs::rename(&other, &one).unwrap();
    let why = reason(&one, Depth::Records).unwrap();
    assert!(
        why.contains(&specs[0].id) && why.contains(&specs[1].id),
        "{why}"
    );
}

#[test]
fn a_mark_from_before_files_were_listed_still_counts_but_says_less() {
    let folder = tempfile::tempdir().unwrap();
    let spec = &specs()[0];
    let path = finish(folder.path(), spec);
    fs::write(path.join("done"), b"").unwrap();
    let why = reason(&path, Depth::Records).expect("this version lists files");
    assert!(why.contains("done"), "{why}");
    let mut old = record(spec);
    old.versions.mark = 0;
    let write = |record: &RunRecord| {
        let json = serde_json::to_vec(record).unwrap();
        fs::write(path.join("run.json"), json).unwrap();
    };
    write(&old);
    let state = run_state(&path, Depth::Everything).unwrap();
    assert!(matches!(state, RunState::Unlisted));
    // Settings that are not those of the id.
    old.settings["root_seed"] = 1.into();
    write(&old);
    assert!(reason(&path, Depth::Records).is_some());
    old.settings = spec.settings.clone();
    write(&old);
    fs::write(path.join("history.csv"), b"").unwrap();
    let why = reason(&path, Depth::Records).unwrap();
    assert!(why.contains("history.csv"), "{why}");
}
