//! `nodule study tune`: trials, selection, and the tuned study.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nodule_tests::{assert_same, run, smoke_with, succeed};
use serde_json::Value;

const TUNE: &str = r#"
[tune]
trials = 3
seeds = 2
train = "both"
[tune.range]
"training.learning_rate" = { from = 1e-3, to = 1e-1, scale = "log" }
"loss.embedding" = ["normalised", "raw"]

[network]"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns the rows of `tune.csv` as columns by name.
fn trials(out: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(out.join("tune.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let names: Vec<String> = lines.next().unwrap().collect();
    lines
        .map(|line| names.iter().cloned().zip(line).collect())
        .collect()
}

/// Returns the mean validation accuracy of each loss and trial from the records, and checks that no test was
/// evaluated.
fn read_accuracies(folder: &Path) -> BTreeMap<(String, String), f64> {
    let status = succeed(folder, "study status --out out --json");
    let mut all: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for run in json(&status)["runs"].as_array().unwrap() {
        let at = folder.join("out/runs").join(run["id"].as_str().unwrap());
        let record = json(&fs::read_to_string(at.join("evaluation.json")).unwrap());
        let read_outs = record["read_outs"].as_array().unwrap();
        assert_eq!(read_outs.len(), 1);
        assert_eq!(read_outs[0]["read_out"], "centroid");
        assert_eq!(read_outs[0]["tests"], Value::Array(Vec::new()));
        assert_eq!(fs::read(at.join("predictions.csv")).unwrap(), b"");
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (word(&run["loss"]), word(&run["variant"]["trial"]));
        let accuracy = &read_outs[0]["validation"]["accuracy"]["value"];
        all.entry(key).or_default().push(accuracy.as_f64().unwrap());
    }
    let mean = |all: Vec<f64>| {
        assert_eq!(all.len(), 2);
        all.iter().sum::<f64>() / 2.0
    };
    all.into_iter().map(|(key, all)| (key, mean(all))).collect()
}

#[test]
fn tune_selects_the_best_trial_of_each_loss() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    smoke_with(folder, &[("[network]", TUNE)]);
    let planned = succeed(folder, "study plan --study study.toml");
    assert!(planned.contains("3 trials of each loss") && planned.contains("18 runs, 0 done"));
    assert_eq!(
        planned,
        succeed(folder, "study tune --study study.toml --dry-run")
    );
    let printed = succeed(folder, "study tune --study study.toml --out out");
    assert!(
        printed.contains("nodule study run --study out/tuned.toml"),
        "{printed}"
    );

    let (trials, measured) = (trials(&folder.join("out")), read_accuracies(folder));
    assert_eq!((trials.len(), measured.len()), (9, 9));
    let accuracy =
        |one: &BTreeMap<String, String>| -> f64 { one["validation_accuracy"].parse().unwrap() };
    for one in &trials {
        let measured = measured[&(one["loss"].clone(), one["trial"].clone())];
        assert!((accuracy(one) - measured).abs() < 1e-12, "{one:?}");
    }
    let tuned = fs::read_to_string(folder.join("out/tuned.toml")).unwrap();
    let tuned: toml::Table = tuned.parse().unwrap();
    assert!(!tuned.contains_key("tune"));
    for loss in ["ce", "contrastive", "ce+contrastive"] {
        let of_loss: Vec<_> = trials.iter().filter(|one| one["loss"] == loss).collect();
        let chosen: Vec<_> = of_loss.iter().filter(|one| one["chosen"] == "1").collect();
        let most = of_loss.iter().map(|one| accuracy(one)).fold(0.0, f64::max);
        let first = of_loss.iter().find(|one| accuracy(one) == most).unwrap();
        assert_eq!(chosen, [first]);
        let rate: f64 = first["training.learning_rate"].parse().unwrap();
        let own = tuned["training"].get("loss").and_then(|t| t.get(loss));
        let own = own.and_then(|own| own.get("learning_rate"));
        assert_eq!(own.and_then(toml::Value::as_float).unwrap_or(1e-3), rate);
        let embedding = tuned["loss"]
            .get(loss)
            .map(|t| t["embedding"].as_str().unwrap());
        assert_eq!(embedding.unwrap_or(""), first["loss.embedding"]);
    }
    // Other numbers of jobs and a second start give the same bytes.
    succeed(folder, "study tune --study study.toml --out again --jobs 3");
    assert_same(&folder.join("out"), &folder.join("again"));
    assert_eq!(
        printed,
        succeed(folder, "study tune --study study.toml --out out")
    );
    let verified = succeed(folder, "study verify --out out");
    assert!(verified.contains("18"), "{verified}");

    let ran = succeed(folder, "study run --study out/tuned.toml --out ran");
    assert!(ran.contains("18 of 18 runs in the report"), "{ran}");
    let page = fs::read_to_string(folder.join("ran/report/index.html")).unwrap();
    assert!(page.contains("The settings of each loss are the best of 3 random ones"));
}

#[test]
fn diverged_trials_are_not_selected_and_untuned_studies_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let wild = TUNE.replace("{ from = 1e-3, to = 1e-1, scale = \"log\" }", "[1e30]");
    let wild = wild.replace("trials = 3", "trials = 2");
    smoke_with(folder, &[("[network]", &wild)]);
    succeed(folder, "study tune --study study.toml --out out");
    for one in trials(&folder.join("out")) {
        let is_first = one["trial"] == "0";
        assert_eq!(one["chosen"] == "1", is_first, "{one:?}");
        assert_eq!(one["validation_accuracy"].is_empty(), !is_first, "{one:?}");
    }
    for arguments in [
        "study run --study study.toml --out new",
        "train --study study.toml --train both --loss ce --seed 0 --out new",
        "study report --out out",
    ] {
        let output = run(folder, arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("`nodule study tune`"), "{message}");
        assert!(!folder.join("new").exists());
    }
}
