//! Which made-up runs learned, and what verdicts say of those that did not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;

use nodule_analysis::{Ruling, Verdict, judge, verdict_lines};
use nodule_eval::{Estimate, Metrics, ReadOut, ScoreSd};
use nodule_report::write_report;
use nodule_study::Study;
use nodule_study::claims::{Contrast, Effect, Endpoint, PairedDifference, RankCorrelation};
use nodule_study::records::{FinishedRun, Showcase};
use nodule_synth::{Distribution, Mode};

use fixtures::{runs, study};

/// The paper study, 8 seeds on `both`, and its first claim alone: reliance of two losses on shape.
fn one_claim() -> (Study, Vec<FinishedRun>) {
    let mut study = study(8);
    study.train = vec!["both".into()];
    study.hypotheses.truncate(1);
    let contrast = &study.hypotheses[0].contrast;
    let endpoint = Endpoint::from(Effect { mode: Mode::Shape });
    assert!(
        matches!(contrast, Contrast::PairedDifference(PairedDifference { endpoint: e, a, b })
            if *e == endpoint && a.loss == "ce" && b.loss == "contrastive")
    );
    let runs = runs(&study);
    (study, runs)
}

/// Validation of the centroid read-out as it would be with that interval.
fn validated(run: &mut FinishedRun, value: f64, low: f64, high: f64) {
    let all = &mut run.evaluation.read_outs;
    let measured = all.iter_mut().find(|r| r.read_out == ReadOut::Centroid);
    let estimate = Estimate { value, low, high };
    measured.unwrap().validation = Metrics::new(500, |_| Some(estimate));
}

fn never_decides(run: &mut FinishedRun) {
    for measured in &mut run.evaluation.read_outs {
        measured.score_sd = ScoreSd::new(0.0).unwrap();
    }
}

fn is_on_random_labels(run: &mut FinishedRun) {
    let random = Distribution::named("random-labels").unwrap();
    run.record.settings = serde_json::json!({ "train": random });
}

fn judged(study: &Study, runs: &[FinishedRun]) -> Verdict {
    judge(study, runs).unwrap().remove(0)
}

/// The loss and seed of each run, and its state and reason.
fn states(study: &Study, runs: &[FinishedRun]) -> (Vec<(String, String, String)>, String) {
    let folder = tempfile::tempdir().unwrap();
    write_report(study, runs, &Showcase::default(), folder.path()).unwrap();
    let mut file = csv::Reader::from_path(folder.path().join("tables/states.csv")).unwrap();
    let rows = file.records().map(|row| {
        let row = row.unwrap();
        (row[4].to_owned(), row[5].to_owned(), row[6].to_owned())
    });
    let report = fs::read_to_string(folder.path().join("report.md")).unwrap();
    (rows.collect(), report)
}

#[test]
fn a_run_is_in_the_state_that_its_interval_says() {
    let (study, mut runs) = one_claim();
    validated(&mut runs[0], 0.52, 0.501, 0.54);
    validated(&mut runs[1], 0.52, 0.499, 0.54);
    validated(&mut runs[2], 0.41, 0.36, 0.46);
    validated(&mut runs[3], 0.62, 0.48, 0.75);
    never_decides(&mut runs[4]);
    let (rows, report) = states(&study, &runs);
    let found: Vec<_> = rows.iter().map(|row| row.0.as_str()).collect();
    let expected = [
        "learned",
        "at chance",
        "at chance",
        "undecided",
        "undecided",
        "learned",
    ];
    assert_eq!(found[..6], expected);
    assert!(
        rows[1]
            .1
            .contains("balanced accuracy 0.520 [0.499, 0.540] on 500")
    );
    assert!(
        rows[3].1.ends_with("too few images to tell"),
        "{}",
        rows[3].1
    );
    assert!(
        rows[4].1.starts_with("this network does not decide"),
        "{}",
        rows[4].1
    );
    assert!(rows.iter().all(|row| row.2 == "no"));
    assert!(
        report
            .contains("of 24 runs that could learn 20 learned, 2 are at chance, 2 are undecided."),
        "{report}"
    );
    assert!(
        report.contains("1 of 24 networks do not decide"),
        "{report}"
    );
    assert!(
        report.contains("| both | ce | yes | 4 | 2 | 2 | – | – |"),
        "{report}"
    );
}

#[test]
fn controls_are_counted_apart_and_are_no_warning() {
    let (study, mut runs) = one_claim();
    for run in &mut runs {
        is_on_random_labels(run);
        validated(run, 0.5, 0.45, 0.55);
    }
    let verdict = judged(&study, &runs);
    assert!(verdict.coverage.is_control);
    assert_eq!(
        (verdict.coverage.runs, verdict.coverage.not_learned()),
        (16, 0)
    );
    assert_eq!(verdict.learned_only, None);
    // What it says of the effect is what it would say of any runs.
    assert_eq!(verdict.ruling, Ruling::Supported);
    let (rows, report) = states(&study, &runs);
    assert!(
        rows.iter()
            .all(|row| row.0 == "at chance" && row.2 == "yes")
    );
    assert!(
        report.contains("16 runs, controls whose labels nothing can learn."),
        "{report}"
    );
    assert!(!report.contains("that could learn"), "{report}");
}

#[test]
fn a_verdict_says_what_it_would_be_without_those_that_did_not_learn() {
    let (study, mut runs) = one_claim();
    let all = judged(&study, &runs);
    assert_eq!((all.ruling, all.learned_only), (Ruling::Supported, None));
    assert_eq!(all.coverage_text(), "all 16 runs learned");

    // One run at chance takes its seed out of the paired comparison; seven are enough.
    validated(&mut runs[0], 0.5, 0.45, 0.55);
    let verdict = judged(&study, &runs);
    assert_eq!(
        (verdict.coverage.runs, verdict.coverage.not_learned()),
        (16, 1)
    );
    assert_eq!((verdict.ruling, verdict.effect), (all.ruling, all.effect));
    let without = verdict.learned_only.unwrap();
    assert_eq!((without.ruling, without.n), (Ruling::Supported, 7));
    assert_eq!(judged(&study, &runs[1..]).effect, without.effect);
    assert!(
        verdict
            .coverage_text()
            .starts_with("1 of 16 runs is at chance; without them: still supported, ")
    );

    // Three leave five seeds, which decide nothing.
    for run in &mut runs[..3] {
        never_decides(run);
    }
    let verdict = judged(&study, &runs);
    assert_eq!(verdict.ruling, Ruling::Supported);
    assert_eq!(verdict.ruling_learned_only(), Ruling::Inconclusive);
    let said = verdict_lines(std::slice::from_ref(&verdict));
    assert!(
        said.contains("3 of 16 runs are undecided; without them: inconclusive, "),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    let table = fs::read_to_string(folder.path().join("tables/hypotheses.csv")).unwrap();
    assert!(
        table.trim_end().ends_with(",8,supported,16,3,inconclusive"),
        "{table}"
    );
    let page = fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(page.contains("3 of 16 runs are undecided"));
}

#[test]
fn networks_that_learned_nothing_support_and_refute_nothing() {
    let (mut study, mut runs) = one_claim();
    for run in &mut runs {
        never_decides(run);
    }
    let verdict = judged(&study, &runs);
    assert_eq!((verdict.ruling, verdict.n), (Ruling::Inconclusive, 8));
    assert!(
        verdict
            .coverage_text()
            .ends_with("without them nothing is left to judge")
    );
    // An effect that lies within any bound is no evidence against the claim either.
    study.hypotheses[0].smallest_effect = 100.0;
    assert_eq!(judged(&study, &runs).ruling, Ruling::Inconclusive);
}

#[test]
fn an_effect_that_is_there_and_too_small_is_said_to_be() {
    let (mut study, runs) = one_claim();
    let verdict = judged(&study, &runs);
    assert_eq!(verdict.ruling_text(), "supported");
    study.hypotheses[0].smallest_effect = 100.0;
    let verdict = judged(&study, &runs);
    let words = "supported, but negligible (within the SESOI)";
    assert_eq!(
        (verdict.ruling, verdict.ruling_text().as_str()),
        (Ruling::Supported, words)
    );
    assert!(verdict_lines(std::slice::from_ref(&verdict)).contains(words));
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("report.md").contains(": Supported, but negligible (within the SESOI).**"));
    assert!(read("report/index.html").contains(": Supported, but negligible (within the SESOI)."));
    assert!(read("tables/hypotheses.csv").contains(",supported,16,0,supported"));
}

#[test]
fn numbers_that_do_not_vary_are_undefined_and_not_missing() {
    let (mut study, mut runs) = one_claim();
    let effect = |mode| Endpoint::from(Effect { mode });
    study.hypotheses[0].contrast = Contrast::from(RankCorrelation {
        x: effect(Mode::Shape),
        y: effect(Mode::Texture),
        read_out: ReadOut::Centroid,
    });
    for measured in runs
        .iter_mut()
        .flat_map(|run| &mut run.evaluation.read_outs)
    {
        measured
            .reliance
            .iter_mut()
            .for_each(|mode| mode.effect = 0.0);
    }
    let said = verdict_lines(&judge(&study, &runs).unwrap());
    assert!(
        said.contains("undefined: a compared number is the same"),
        "{said}"
    );
    let said = verdict_lines(&judge(&study, &[]).unwrap());
    assert!(said.contains("too few finished runs") && said.contains("no finished run"));
}
