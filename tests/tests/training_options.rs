//! Options of training in a study: optimizer, schedule, early stopping, augmentation, projection head and dropout.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::{assert_rejected, smoke_with, succeed};

const OPTIONS: &str = r#"learning_rate = 0.01
optimizer = "adamw"
weight_decay = 0.05
gradient_clip = 1.0
schedule = "cosine"
warm_up_epochs = 1
early_stopping = { patience = 1 }
augment = { flip = true, rotation_degrees = 20, shift_pixels = 2, scale = 0.1, intensity = 0.1, noise = 0.02 }
"#;

/// Writes a small study with every option.
fn write_study(folder: &Path) {
    smoke_with(
        folder,
        &[
            ("learning_rate = 0.001 # Adam's step size", OPTIONS),
            ("epochs = 2", "epochs = 4"),
            ("seeds = 2", "seeds = 1"),
            ("\"both\", \"shape\", \"random-labels\"]", "\"both\"]"),
            ("hidden = 16", "hidden = 16\nprojection = 4\ndropout = 0.25"),
        ],
    );
    // The claims need several seeds.
    let path = folder.join("study.toml");
    let text = fs::read_to_string(&path).unwrap();
    let settings = text.split("[[hypothesis]]").next().unwrap();
    fs::write(path, settings).unwrap();
}

#[test]
fn a_study_runs_with_every_option_and_keeps_no_projection_head() {
    let folder = tempfile::tempdir().unwrap();
    write_study(folder.path());
    succeed(folder.path(), "study run --study study.toml --out a");
    let runs = fs::read_dir(folder.path().join("a/runs")).unwrap();
    let runs: Vec<_> = runs.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(runs.len(), 3);
    for run in &runs {
        let model = fs::read(run.join("model.safetensors")).unwrap();
        assert!(!String::from_utf8_lossy(&model).contains("projection"));
        let record = fs::read_to_string(run.join("run.json")).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let settings = &record["settings"];
        assert_eq!(settings["training"]["optimizer"], "adamw");
        assert_eq!(settings["training"]["augment"]["shift_pixels"], 2.0);
        assert_eq!(settings["network"]["dropout"], 0.25);
        // Cross-entropy alone does not see a projection.
        let projection = settings["network"].get("projection");
        assert_eq!(projection.is_none(), record["loss"] == "ce", "{record}");
    }
    // The model opens again without the head.
    let run = format!(
        "evaluate --run {} --distribution both --n 8",
        runs[0].display()
    );
    succeed(folder.path(), &run);
}

/// Settings of `[training]` that are out of range or have no effect, with their messages.
const BAD_TRAINING: [(&str, &str); 12] = [
    (
        "optimizer = \"adamax\"",
        "unknown variant `adamax`, expected one of `adam`, `adamw`, `sgd`",
    ),
    ("momentum = 0.5", "training.momentum: has no effect"),
    (
        "weight_decay = 1e9",
        "training.weight_decay = 1000000000: must be",
    ),
    (
        "gradient_clip = -1",
        "training.gradient_clip = -1: must be a positive number",
    ),
    (
        "warm_up_epochs = 2",
        "training.warm_up_epochs = 2: must be less than epochs (2)",
    ),
    (
        "schedule = \"step\"\ndecay_epochs = 7",
        "training.decay_epochs = 7: must be from 1 to below epochs (2)",
    ),
    (
        "early_stopping = { patience = 3 }",
        "training.early_stopping.patience = 3: must be from 1 to epochs (2)",
    ),
    (
        "early_stopping = { wait = 3 }",
        "training.early_stopping.wait: unknown field `wait`, expected `patience`",
    ),
    (
        "augment = { shift_pixels = 17 }",
        "training.augment.shift_pixels = 17: must be at most half",
    ),
    (
        "augment = { rotation_degrees = 181 }",
        "training.augment.rotation_degrees = 181: must be a number from 0 to 180",
    ),
    ("augment = {}", "training.augment: has no effect"),
    (
        "loss.ce = { weight_decay = -1 }",
        "training.loss.ce.weight_decay = -1: must be",
    ),
];

#[test]
fn settings_out_of_range_or_without_effect_are_rejected_at_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let rate = "learning_rate = 0.001 # Adam's step size";
    for (setting, expected) in BAD_TRAINING {
        let setting = format!("learning_rate = 0.001\n{setting}");
        smoke_with(folder.path(), &[(rate, &setting)]);
        assert_rejected(folder.path(), "study plan --study study.toml", expected);
    }
    for (setting, expected) in [
        ("projection = 1", "network.projection = 1: must be 0"),
        (
            "dropout = 1.0",
            "network.dropout = 1.0: must be a number from 0 to below 1",
        ),
    ] {
        let setting = format!("hidden = 16\n{setting}");
        smoke_with(folder.path(), &[("hidden = 16", &setting)]);
        assert_rejected(folder.path(), "study plan --study study.toml", expected);
    }
}

#[test]
fn a_projection_head_without_a_loss_on_the_embedding_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let study = r#"name = "own"
seeds = 1
train = ["both"]
test = ["both"]
losses = ["ce", "ce+log-margin"]
[network]
projection = 8
"#;
    fs::write(folder.path().join("study.toml"), study).unwrap();
    let expected = "network.projection: has no effect: none of the study's losses (ce, ce+log-margin) uses the embedding";
    assert_rejected(folder.path(), "study plan --study study.toml", expected);
}

#[test]
fn options_that_the_study_does_not_set_can_be_varied() {
    let folder = tempfile::tempdir().unwrap();
    let vary = r#"[vary]
how = "one-at-a-time"
[vary.values]
"training.weight_decay" = [0.01]
"training.optimizer" = ["sgd"]
"training.schedule" = ["cosine"]
"training.augment" = [{ flip = true }]
"network.projection" = [8]
"network.dropout" = [0.5]
[generator]"#;
    smoke_with(folder.path(), &[("[generator]", vary)]);
    let plan = succeed(folder.path(), "study plan --study study.toml");
    // 18 runs and 6 variants; a projection head does not change the 6 runs of cross-entropy.
    assert!(plan.contains("120 runs"), "{plan}");
}
