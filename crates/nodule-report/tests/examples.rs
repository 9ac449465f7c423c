//! The example program, run as its reader would, on a folder of made-up runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the study is another")]
mod fixtures;

#[path = "../examples/read_back/main.rs"]
#[allow(dead_code, reason = "the program has a main of its own")]
mod read_back;

use std::path::Path;

use nodule_study::results::{Claim, claim_run};
use nodule_study::{Registry, load_study, open_output, plan_grid};

/// The smoke study with all runs but one, made up.
fn made_up(folder: &Path) {
    let resolved = load_study("smoke", &Registry::default()).unwrap();
    let output = open_output(folder, &resolved, &Registry::default()).unwrap();
    for spec in plan_grid(&resolved, "cpu").iter().skip(1) {
        let mut run = fixtures::run(spec.train.name(), &spec.loss.name, spec.seed);
        // A run counts if its id is the hash of its settings.
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
        // Files of every run, which nobody reads here.
        for name in ["model.safetensors", "predictions.csv"] {
            folder.write(name, b"").unwrap();
        }
        folder.finish().unwrap();
    }
}

fn said(arguments: &[&str]) -> Result<String, String> {
    let mut said = Vec::new();
    let arguments = arguments.iter().map(|a| (*a).to_owned());
    read_back::run(arguments, &mut said).map_err(|e| e.to_string())?;
    Ok(String::from_utf8(said).unwrap())
}

#[test]
fn a_folder_of_results_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    made_up(folder.path());
    let path = folder.path().to_string_lossy();
    let text = said(&[&path]).unwrap();
    println!("{text}");
    assert!(text.starts_with("17 of 18 runs are finished\n"), "{text}");
    // Two seeds of each, and one where a run is missing.
    assert!(text.contains("\nboth,contrastive,lidc,2,0."), "{text}");
    assert!(text.contains("\nboth,ce,lidc,1,0."), "{text}");
    assert!(text.contains("\nH1   inconclusive"), "{text}");
    // Contrastive alone trains no head.
    let head = said(&[&path, "head"]).unwrap();
    assert!(head.contains("\nboth,ce,") && !head.contains("\nboth,contrastive,"));
}

#[test]
fn what_is_no_folder_of_results_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let message = said(&[&folder.path().to_string_lossy()]).unwrap_err();
    assert!(message.contains("holds no study.toml"), "{message}");
}
