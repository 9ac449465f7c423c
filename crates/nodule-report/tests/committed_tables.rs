//! Rebuilds the tables in `docs/results` from the committed records of their runs, with the current code.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use nodule_eval::{Estimate, Metric, Metrics, ReadOut, ScoreSd};
use nodule_report::write_report;
use nodule_study::plan::build_versions;
use nodule_study::records::{
    Evaluation, FinishedRun, ModeReliance, ReadOutEvaluation, RunRecord, RunSeeds, Showcase,
    TestEvaluation, Timings,
};
use nodule_study::{Registry, load_study};
use nodule_synth::Mode;
use serde::Deserialize;

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(docs(name)).unwrap()
}

/// Identity of a run.
struct Key {
    run: String,
    train: String,
    loss: String,
    seed: usize,
}

/// A line of `results.csv` or `validation.csv`.
#[derive(Debug, Deserialize)]
struct Rates {
    run: String,
    train: String,
    loss: String,
    seed: usize,
    readout: ReadOut,
    #[serde(default)]
    test: String,
    n: usize,
    accuracy: Option<f64>,
    sensitivity: Option<f64>,
    specificity: Option<f64>,
    balanced_accuracy: Option<f64>,
    auroc: Option<f64>,
}

impl Rates {
    fn key(&self) -> Key {
        Key {
            run: self.run.clone(),
            train: self.train.clone(),
            loss: self.loss.clone(),
            seed: self.seed,
        }
    }

    /// The committed records have no intervals over images, and no table needs them.
    fn metrics(&self) -> Metrics {
        let estimate = |value: f64| Estimate {
            value,
            low: value,
            high: value,
        };
        let value = |metric| match metric {
            Metric::Accuracy => self.accuracy,
            Metric::Sensitivity => self.sensitivity,
            Metric::Specificity => self.specificity,
            Metric::BalancedAccuracy => self.balanced_accuracy,
            Metric::Auroc => self.auroc,
            other => panic!("docs/results does not hold {other}"),
        };
        Metrics::new(self.n, |metric| value(metric).map(estimate))
    }
}

/// A line of `reliance.csv`.
#[derive(Debug, Deserialize)]
struct Reliance {
    run: String,
    readout: ReadOut,
    mode: Mode,
    effect: f64,
    flipped: f64,
}

fn lines<T: for<'a> Deserialize<'a>>(name: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_path(docs(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Returns the runs; those with tests are first, because tables take the names of tests from the first run.
fn runs() -> Vec<FinishedRun> {
    let mut tests = BTreeMap::<_, Vec<TestEvaluation>>::new();
    for line in lines::<Rates>("results/results.csv") {
        let of_read_out = tests.entry((line.run.clone(), line.readout)).or_default();
        of_read_out.push(TestEvaluation {
            test: line.test.clone(),
            metrics: line.metrics(),
            best: None,
            combinations: Vec::new(),
            held_out: None,
        });
    }
    let mut reliance = BTreeMap::<_, Vec<ModeReliance>>::new();
    for line in lines::<Reliance>("results/reliance.csv") {
        let of_read_out = reliance.entry((line.run, line.readout)).or_default();
        of_read_out.push(ModeReliance {
            mode: line.mode,
            effect: line.effect,
            flipped: line.flipped,
            raised: 0.0,
            intervals: None,
        });
    }
    let mut runs: Vec<FinishedRun> = Vec::new();
    for line in lines::<Rates>("results/validation.csv") {
        let place = (line.run.clone(), line.readout);
        let measured = ReadOutEvaluation {
            read_out: line.readout,
            score_sd: ScoreSd::new(1.0).unwrap(),
            validation: line.metrics(),
            validation_best: None,
            tests: tests.remove(&place).unwrap_or_default(),
            reliance: reliance.remove(&place).unwrap_or_default(),
            decision_surface: Vec::new(),
            maps: Vec::new(),
        };
        match runs.iter_mut().find(|run| run.record.run == line.run) {
            Some(run) => run.evaluation.read_outs.push(measured),
            None => runs.push(finished_run(line.key(), measured)),
        }
    }
    assert!(
        tests.is_empty() && reliance.is_empty(),
        "records without a run"
    );
    runs.sort_by_key(|run| run.evaluation.read_outs[0].tests.is_empty());
    runs
}

fn finished_run(key: Key, measured: ReadOutEvaluation) -> FinishedRun {
    FinishedRun {
        record: RunRecord {
            run: key.run,
            train: key.train,
            loss: key.loss,
            seed: key.seed,
            settings: serde_json::Value::Null,
            seeds: RunSeeds {
                train_data: 0,
                validation_data: 0,
                weights: 0,
                order: 0,
            },
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
        },
        history: Vec::new(),
        evaluation: Evaluation {
            read_outs: vec![measured],
            representation: None,
            timeline: Vec::new(),
        },
    }
}

/// Returns the rows of a table without caption and heading.
fn rows(markdown: &str) -> Vec<&str> {
    let table = markdown.lines().filter(|line| line.starts_with("| "));
    table.skip(1).collect()
}

#[test]
fn the_committed_tables_follow_from_the_committed_records() {
    let study = load_study(
        &docs("results/study.toml").to_string_lossy(),
        &Registry::default(),
    )
    .unwrap()
    .study;
    let runs = runs();
    assert_eq!(
        runs.len(),
        study.train.len() * study.losses.len() * study.seeds
    );
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    for table in ["hypotheses", "validation", "accuracy-both", "auroc-both"] {
        let rebuilt = fs::read_to_string(folder.path().join(format!("tables/{table}.md"))).unwrap();
        assert_eq!(rebuilt, text(&format!("results/{table}.md")), "{table}");
    }
    // The committed records have only the reliance of networks trained on `both`.
    let rebuilt = fs::read_to_string(folder.path().join("tables/reliance.md")).unwrap();
    let committed = text("results/reliance.md");
    let is_on_both = |row: &&str| row.starts_with("| both |");
    let committed: Vec<_> = rows(&committed).into_iter().filter(is_on_both).collect();
    assert_eq!(rows(&rebuilt), committed);
    assert_eq!(committed.len(), 20);
}

#[test]
fn the_document_agrees_with_the_tables() {
    let document = text("results.md");
    let sections = [
        ("## The claims, declared before the run", vec!["hypotheses"]),
        ("## Reliance", vec!["reliance"]),
        ("## In distribution", vec!["validation"]),
        ("Trained on `both`:", vec!["accuracy-both"]),
    ];
    for (heading, tables) in sections {
        let (_, section) = document.split_once(heading).unwrap();
        let end = section.find("\n## ").unwrap_or(section.len());
        let tables: Vec<_> = tables
            .iter()
            .map(|t| text(&format!("results/{t}.md")))
            .collect();
        let committed: Vec<_> = tables.iter().flat_map(|t| rows(t)).collect();
        // The first table of the section.
        let after = &section[section.find("\n| ").unwrap()..end];
        let table = after
            .trim_start()
            .lines()
            .take_while(|line| line.starts_with('|'));
        let documented: Vec<_> = table.skip(2).collect();
        assert!(documented.len() >= 6, "{heading}");
        for row in documented {
            assert!(committed.contains(&row), "{heading}: {row}");
        }
    }
}

#[test]
fn the_shares_of_the_multiverse_are_counts_of_its_records() {
    #[derive(Deserialize)]
    struct Outcome {
        id: String,
        verdict: String,
    }
    let outcomes = lines::<Outcome>("results/multiverse.csv");
    let document = text("results.md");
    let (_, section) = document.split_once("## The multiverse").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let table: Vec<_> = section.lines().filter(|l| l.starts_with("| H")).collect();
    assert_eq!(table.len(), 7);
    for row in table {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        for (cell, verdict) in
            cells[3..6]
                .iter()
                .zip(["supported", "not supported", "inconclusive"])
        {
            let of_claim = outcomes.iter().filter(|o| o.id == cells[0]);
            let n = of_claim.filter(|o| o.verdict == verdict).count();
            assert!(cell.ends_with(&format!("({n})")), "{row}");
        }
    }
}
