//! The example program on a folder of synthetic runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "other tests use the rest")]
mod fixtures;

#[path = "../examples/read_back/main.rs"]
#[allow(dead_code, reason = "the program has its own main function")]
mod read_back;

use std::path::Path;

use nodule_study::results::{Claim, claim_run};
use nodule_study::{Registry, load_study, open_output, plan_grid};

/// Writes all runs of the smoke study but one.
fn write_runs(folder: &Path) {
    let resolved = load_study("smoke", &Registry::default()).unwrap();
    let output = open_output(folder, &resolved, &Registry::default()).unwrap();
    for spec in plan_grid(&resolved, "cpu").iter().skip(1) {
        let mut run = fixtures::run(spec.train.name(), &spec.loss.name, spec.seed);
        // The id of a run must be the hash of its settings.
        run.record.run = spec.id.clone();
        run.record.settings = spec.settings.clone();
        let Claim::Claimed(folder) = claim_run(&output.run_folder(&spec.id)).unwrap() else {
            panic!("the folder is new");
        };
        let mut history = csv::Writer::from_writer(Vec::new());
        for row in &run.history {
            history.serialize(row).unwrap();
        }
        let history = history.into_inner().unwrap();
        let json = |value: serde_json::Value| serde_json::to_vec(&value).unwrap();
        let record = json(serde_json::to_value(&run.record).unwrap());
        let evaluation = json(serde_json::to_value(&run.evaluation).unwrap());
        folder.write("run.json", &record).unwrap();
        folder.write("history.csv", &history).unwrap();
        folder.write("evaluation.json", &evaluation).unwrap();
        // Required files that the example does not read.
        for name in ["model.safetensors", "predictions.csv"] {
            folder.write(name, b"").unwrap();
        }
        folder.finish().unwrap();
    }
}

fn run_example(arguments: &[&str]) -> Result<String, String> {
    let mut output = Vec::new();
    let arguments = arguments.iter().map(|a| (*a).to_owned());
    read_back::run(arguments, &mut output).map_err(|e| e.to_string())?;
    Ok(String::from_utf8(output).unwrap())
}

#[test]
fn a_folder_of_results_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path());
    let path = folder.path().to_string_lossy();
    let text = run_example(&[&path]).unwrap();
    println!("{text}");
    assert!(text.starts_with("17 of 18 runs are finished\n"), "{text}");
    // Two seeds of each, and one where a run is missing.
    assert!(text.contains("\nboth,contrastive,lidc,2,0."), "{text}");
    assert!(text.contains("\nboth,ce,lidc,1,0."), "{text}");
    assert!(text.contains("\nH1   inconclusive"), "{text}");
    // The contrastive loss trains no head.
    let head = run_example(&[&path, "head"]).unwrap();
    assert!(head.contains("\nboth,ce,") && !head.contains("\nboth,contrastive,"));
}

#[test]
fn a_folder_without_a_study_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let message = run_example(&[&folder.path().to_string_lossy()]).unwrap_err();
    assert!(message.contains("holds no study.toml"), "{message}");
}
