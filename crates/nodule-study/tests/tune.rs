//! Tests of tuning: draws, seeds, the choice of trials and the tuned study.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use nodule_study::tuned::{Trial, best_trial, collect_trials, tune_csv, tuned_text};
use nodule_study::{Registry, Resolved, RunSpec, load_study, plan};

const TUNE: &str = r#"
[tune]
trials = 6
seeds = 2
train = "both"
[tune.range]
"training.learning_rate" = { from = 3e-4, to = 1e-2, scale = "log" }
"loss.margin" = { from = 0.25, to = 2.0 }
"#;

/// Loads the smoke study with `tables` and each of `changes`.
fn load_smoke_with(tables: &str, changes: &[(&str, &str)]) -> Result<Resolved, String> {
    let smoke = concat!(env!("CARGO_MANIFEST_DIR"), "/data/studies/smoke.toml");
    let text = std::fs::read_to_string(smoke).unwrap();
    let text = text.replacen("[network]", &format!("{tables}\n[network]"), 1);
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    load_text(&text)
}

fn load_text(text: &str) -> Result<Resolved, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.toml");
    std::fs::write(&file, text).unwrap();
    let place = file.to_string_lossy();
    load_study(&place, &Registry::default()).map_err(|e| e.to_string().replace(&*place, "study"))
}

/// Returns learning rate and margin of each trial of a loss.
fn trial_settings(resolved: &Resolved, loss: &str) -> Vec<(f64, Option<f64>)> {
    let settings = |trial: &Resolved| {
        let found = trial.losses.iter().find(|l| l.name == loss).unwrap();
        let margin = found.settings.get("margin");
        let training = trial.study.training.for_loss(loss);
        (
            training.learning_rate,
            margin.and_then(serde_json::Value::as_f64),
        )
    };
    let trials = resolved.variants.iter();
    trials.map(|trial| settings(&trial.resolved)).collect()
}

#[test]
fn every_loss_has_the_same_number_of_trials_and_trial_0_is_its_own() {
    let study = load_smoke_with(TUNE, &[]).unwrap();
    for loss in ["ce", "contrastive", "ce+contrastive"] {
        let all = trial_settings(&study, loss);
        let margin = (loss != "ce").then_some(1.0);
        assert_eq!((all.len(), all[0]), (6, (1e-3, margin)));
        let distinct: BTreeSet<_> = all.iter().map(|d| format!("{d:?}")).collect();
        assert_eq!(distinct.len(), 6, "{all:?}");
        assert!(all.iter().all(|(rate, _)| (3e-4..=1e-2).contains(rate)));
        assert!(
            all.iter()
                .all(|(_, m)| m.is_none_or(|m| (0.25..=2.0).contains(&m)))
        );
    }
    assert_ne!(
        trial_settings(&study, "contrastive"),
        trial_settings(&study, "ce+contrastive")
    );
    let specs = plan(&study, "cpu");
    assert_eq!(specs.len(), 6 * 3 * 2);
    assert!(specs.iter().all(|spec| spec.train.name() == "both"));
}

#[test]
fn a_draw_depends_only_on_its_name() {
    let first = trial_settings(&load_smoke_with(TUNE, &[]).unwrap(), "contrastive");
    assert_eq!(
        first,
        trial_settings(&load_smoke_with(TUNE, &[]).unwrap(), "contrastive")
    );
    let losses = r#"losses = ["ce", "contrastive", "ce+contrastive"]"#;
    let others = [(losses, r#"losses = ["supcon", "contrastive", "ce"]"#)];
    let more =
        format!("{TUNE}\"loss.temperature\" = [0.1, 0.2]\n\"training.batch_size\" = [8, 16]\n");
    let without_claims = |text: &str, changes: &[(&str, &str)]| {
        let smoke = concat!(env!("CARGO_MANIFEST_DIR"), "/data/studies/smoke.toml");
        let smoke = std::fs::read_to_string(smoke).unwrap();
        let (head, _) = smoke.split_once("# The claims").unwrap();
        let head = changes
            .iter()
            .fold(head.to_owned(), |t, (from, to)| t.replacen(from, to, 1));
        // No other loss has a weight, and a setting without effect is rejected.
        let head = head.replacen("\nweight = 1.0", "\n#", 1);
        load_text(&head.replacen("[network]", &format!("{text}\n[network]"), 1)).unwrap()
    };
    assert_eq!(
        first,
        trial_settings(&without_claims(&more, &others), "contrastive")
    );
    // Fewer trials are the first of more trials; another root gives other draws.
    let fewer = TUNE.replace("trials = 6", "trials = 3");
    let fewer = trial_settings(&load_smoke_with(&fewer, &[]).unwrap(), "contrastive");
    assert_eq!(first[..3], fewer);
    let root = [("root_seed = 2021", "root_seed = 2022")];
    let other = trial_settings(&load_smoke_with(TUNE, &root).unwrap(), "contrastive");
    assert_ne!(first, other);
    // A range of one loss replaces that of all losses.
    let own = format!("{TUNE}\"loss.contrastive.margin\" = [0.5]\n");
    let own = load_smoke_with(&own, &[]).unwrap();
    assert!(
        trial_settings(&own, "contrastive")[1..]
            .iter()
            .all(|(_, m)| *m == Some(0.5))
    );
    assert!(
        trial_settings(&own, "ce+contrastive")[1..]
            .iter()
            .all(|(_, m)| *m != Some(0.5))
    );
}

#[test]
fn trials_share_no_seed_with_the_study_and_have_no_tests() {
    let study = load_smoke_with(TUNE, &[]).unwrap();
    let trials = plan(&study, "cpu");
    let of_study = plan(&load_smoke_with("", &[]).unwrap(), "cpu");
    let seeds = |specs: &[RunSpec]| -> BTreeSet<u64> {
        let all = specs.iter().map(|spec| spec.seeds);
        all.flat_map(|s| [s.train_data, s.validation_data, s.weights, s.order])
            .collect()
    };
    assert!(seeds(&trials).is_disjoint(&seeds(&of_study)));
    for variant in &study.variants {
        let trial = &variant.resolved;
        assert!(trial.test.is_empty() && trial.images.is_empty());
        assert!(trial.study.test.is_empty() && trial.study.hypotheses.is_empty());
    }
}

/// Returns trials that are equally good, but for one better trial of each loss: the first, second and third.
fn scored_trials(study: &Resolved) -> Vec<Trial> {
    let mut all = collect_trials(study, "cpu", &BTreeMap::new());
    let is_measured = |trial: &Trial| trial.correct.is_some() || trial.images > 0;
    assert!(!all.iter().any(is_measured));
    for trial in &mut all {
        trial.images = 2 * 32;
        let losses = ["ce", "contrastive", "ce+contrastive"];
        let best = losses.iter().position(|loss| *loss == trial.loss).unwrap();
        trial.correct = Some(if trial.number == best { 60 } else { 50 });
    }
    all
}

#[test]
fn the_tuned_study_has_the_settings_of_the_best_trials() {
    let study = load_smoke_with(TUNE, &[]).unwrap();
    let all = scored_trials(&study);
    let tuned = load_text(&tuned_text(&study, &all).unwrap()).unwrap();
    assert!(tuned.study.tune.is_none() && tuned.variants.is_empty());
    assert!(tuned.study.deviations[0].contains("ce 0, contrastive 1, ce+contrastive 2"));
    for (loss, trial) in [("ce", 0), ("contrastive", 1), ("ce+contrastive", 2)] {
        assert_eq!(best_trial(&all, loss).unwrap().number, trial);
        let now = tuned.losses.iter().find(|l| l.name == loss).unwrap();
        let margin = now
            .settings
            .get("margin")
            .and_then(serde_json::Value::as_f64);
        let rate = tuned.study.training.for_loss(loss).learning_rate;
        assert_eq!((rate, margin), trial_settings(&study, loss)[trial]);
    }
    // The runs of a loss whose own settings are best are unchanged.
    let before = plan(&load_smoke_with("", &[]).unwrap(), "cpu");
    let after = plan(&tuned, "cpu");
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.id == after.id, after.loss.name == "ce");
    }
}

#[test]
fn the_table_of_trials_has_every_setting_and_marks_the_best() {
    let study = load_smoke_with(TUNE, &[]).unwrap();
    let mut all = scored_trials(&study);
    all[1].correct = None;
    let text = String::from_utf8(tune_csv(&study, &all).unwrap()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "loss,trial,chosen,seeds,validation_images,validation_accuracy,training.learning_rate,training.batch_size,training.epochs,loss.embedding,loss.margin,loss.weight"
    );
    assert_eq!(lines.len(), 1 + 3 * 6);
    assert_eq!(lines[1], "ce,0,1,2,64,0.9375,0.001,16,2,,,");
    assert!(lines[2].starts_with("ce,1,0,2,64,,"), "{}", lines[2]);
    assert!(lines[8].starts_with("contrastive,1,1,2,64,0.9375,"));
    assert!(
        lines[13].ends_with(",16,2,normalised,1.0,1.0"),
        "{}",
        lines[13]
    );
}

#[test]
fn settings_that_cannot_be_tuned_are_rejected() {
    let with = |from: &str, to: &str| {
        assert!(TUNE.contains(from));
        load_smoke_with(&TUNE.replace(from, to), &[])
    };
    let rate = "\"training.learning_rate\" = { from = 3e-4, to = 1e-2, scale = \"log\" }\n";
    let margin = "\"loss.margin\" = { from = 0.25, to = 2.0 }";
    for (from, to, expected) in [
        (
            "trials = 6",
            "trials = 1",
            "tune.trials = 1: must be a whole number from 2",
        ),
        ("seeds = 2", "seeds = 0", "tune.seeds = 0"),
        ("\"both\"", "\"bth\"", "tune.train = bth"),
        ("loss.margin", "loss.margn", "did you mean loss.margin?"),
        (
            "loss.margin",
            "loss.temperature",
            "tune.range.loss.temperature",
        ),
        ("loss.margin", "samples.train", "tune.range.samples.train"),
        ("to = 2.0", "to = 2.5", "margin = 2.5: must be in (0, 2]"),
        ("3e-4", "-3e-4", "tune.range.\"training.learning_rate\""),
        (
            rate,
            "",
            "tune.range: no setting of ce; add one of each loss",
        ),
        (
            margin,
            "\"training.batch_size\" = [16, 65]",
            "training.batch_size = 65",
        ),
        (
            margin,
            "\"loss.embedding\" = [\"rwa\"]",
            "did you mean raw?",
        ),
    ] {
        let message = with(from, to).unwrap_err();
        assert!(message.starts_with("study"), "{message}");
        assert!(message.contains(expected), "{expected}: {message}");
    }
    // Variants must not overwrite tuned settings, and must allow every value that is tried.
    let load_with_vary = |values: &str, tune: &str| {
        let vary = format!("[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n{values}\n{tune}");
        load_smoke_with(&vary, &[]).unwrap_err()
    };
    let message = load_with_vary("\"loss.contrastive.margin\" = [0.5]", TUNE);
    assert!(message.contains("is also in [vary]"), "{message}");
    let batch = TUNE.replace(margin, "\"training.batch_size\" = [16, 32]");
    let message = load_with_vary("\"samples.train\" = [16]", &batch);
    assert!(
        message.contains("samples.train: 16 images are less than one batch"),
        "{message}"
    );
}

#[test]
fn the_built_in_study_is_tuned_at_one_of_its_sizes() {
    let study = load_study("regimes-tuned", &Registry::default()).unwrap();
    assert_eq!(plan(&study, "cpu").len(), 4 * 12 * 2);
    let trial = &study.variants[0].resolved.study;
    assert_eq!((trial.samples.train, trial.training.all.epochs), (1024, 48));
    // The last trial of each loss is the best.
    let mut all = collect_trials(&study, "cpu", &BTreeMap::new());
    for trial in &mut all {
        trial.correct = Some(trial.number);
    }
    let tuned = load_text(&tuned_text(&study, &all).unwrap()).unwrap();
    assert_eq!(tuned.variants.len(), 2);
    assert_eq!(plan(&tuned, "cpu").len(), 3 * 4 * 8);
}
