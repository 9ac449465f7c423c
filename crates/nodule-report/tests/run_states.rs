//! States of synthetic runs, and verdicts with and without the runs that did not learn.

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

/// Returns the paper study with 8 seeds on `both` and its first claim: reliance of two losses on shape.
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

/// Sets the validation metrics of the nearest-centroid classifier.
fn set_validation(run: &mut FinishedRun, value: f64, low: f64, high: f64) {
    let all = &mut run.evaluation.read_outs;
    let measured = all.iter_mut().find(|r| r.read_out == ReadOut::Centroid);
    let estimate = Estimate { value, low, high };
    measured.unwrap().validation = Metrics::new(500, |_| Some(estimate));
}

fn make_constant(run: &mut FinishedRun) {
    for measured in &mut run.evaluation.read_outs {
        measured.score_sd = ScoreSd::new(0.0).unwrap();
    }
}

fn train_on_random_labels(run: &mut FinishedRun) {
    let random = Distribution::from_name("random-labels").unwrap();
    run.record.settings = serde_json::json!({ "train": random });
}

fn first_verdict(study: &Study, runs: &[FinishedRun]) -> Verdict {
    judge(study, runs).unwrap().remove(0)
}

/// Returns state, reason and control of each run, and the report.
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
fn the_interval_of_a_run_decides_its_state() {
    let (study, mut runs) = one_claim();
    set_validation(&mut runs[0], 0.52, 0.501, 0.54);
    set_validation(&mut runs[1], 0.52, 0.499, 0.54);
    set_validation(&mut runs[2], 0.41, 0.36, 0.46);
    set_validation(&mut runs[3], 0.62, 0.48, 0.75);
    make_constant(&mut runs[4]);
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
        rows[3].1.ends_with("too few images to decide"),
        "{}",
        rows[3].1
    );
    assert!(
        rows[4].1.starts_with("the decision score is constant"),
        "{}",
        rows[4].1
    );
    assert!(rows.iter().all(|row| row.2 == "no"));
    assert!(
        report.contains(
            "Of 24 runs that could learn, 20 learned, 2 are at chance and 2 are undecided."
        ),
        "{report}"
    );
    assert!(
        report.contains("1 of 24 networks has a constant decision score"),
        "{report}"
    );
    assert!(
        report.contains("| both | ce | yes | 4 | 2 | 2 | – | – |"),
        "{report}"
    );
}

#[test]
fn controls_are_counted_separately_and_cause_no_warning() {
    let (study, mut runs) = one_claim();
    for run in &mut runs {
        train_on_random_labels(run);
        set_validation(run, 0.5, 0.45, 0.55);
    }
    let verdict = first_verdict(&study, &runs);
    assert!(verdict.coverage.is_control);
    assert_eq!(
        (verdict.coverage.runs, verdict.coverage.not_learned()),
        (16, 0)
    );
    assert_eq!(verdict.learned_only, None);
    // The ruling is the same as for other runs.
    assert_eq!(verdict.ruling, Ruling::Supported);
    let (rows, report) = states(&study, &runs);
    assert!(
        rows.iter()
            .all(|row| row.0 == "at chance" && row.2 == "yes")
    );
    assert!(
        report.contains("16 runs, controls with random labels."),
        "{report}"
    );
    assert!(!report.contains("that could learn"), "{report}");
}

#[test]
fn a_verdict_is_also_given_without_the_runs_that_did_not_learn() {
    let (study, mut runs) = one_claim();
    let all = first_verdict(&study, &runs);
    assert_eq!((all.ruling, all.learned_only), (Ruling::Supported, None));
    assert_eq!(all.coverage_text(), "all 16 runs learned");

    // One run at chance takes its seed out of the paired comparison; seven are enough.
    set_validation(&mut runs[0], 0.5, 0.45, 0.55);
    let verdict = first_verdict(&study, &runs);
    assert_eq!(
        (verdict.coverage.runs, verdict.coverage.not_learned()),
        (16, 1)
    );
    assert_eq!((verdict.ruling, verdict.effect), (all.ruling, all.effect));
    let without = verdict.learned_only.unwrap();
    assert_eq!((without.ruling, without.n), (Ruling::Supported, 7));
    assert_eq!(first_verdict(&study, &runs[1..]).effect, without.effect);
    assert!(
        verdict
            .coverage_text()
            .starts_with("1 of 16 runs is at chance; without them: still supported, ")
    );

    // Five remaining seeds are too few for a decision.
    for run in &mut runs[..3] {
        make_constant(run);
    }
    let verdict = first_verdict(&study, &runs);
    assert_eq!(verdict.ruling, Ruling::Supported);
    assert_eq!(verdict.ruling_learned_only(), Ruling::Inconclusive);
    let text = verdict_lines(std::slice::from_ref(&verdict));
    assert!(
        text.contains("3 of 16 runs are undecided; without them: inconclusive, "),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    let table = fs::read_to_string(folder.path().join("tables/hypotheses.csv")).unwrap();
    assert!(table.contains(",8,supported,16,3,inconclusive,"), "{table}");
    let page = fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(page.contains("3 of 16 runs are undecided"));
}

#[test]
fn networks_that_did_not_learn_are_inconclusive() {
    let (mut study, mut runs) = one_claim();
    for run in &mut runs {
        make_constant(run);
    }
    let verdict = first_verdict(&study, &runs);
    assert_eq!((verdict.ruling, verdict.n), (Ruling::Inconclusive, 8));
    assert!(
        verdict
            .coverage_text()
            .ends_with("without them, no seed remains")
    );
    // Even an effect within any bounds is no evidence against the claim.
    study.hypotheses[0].smallest_effect = 100.0;
    assert_eq!(first_verdict(&study, &runs).ruling, Ruling::Inconclusive);
}

#[test]
fn a_negligible_effect_is_marked() {
    let (mut study, runs) = one_claim();
    let verdict = first_verdict(&study, &runs);
    assert_eq!(verdict.ruling_text(), "supported");
    study.hypotheses[0].smallest_effect = 100.0;
    let verdict = first_verdict(&study, &runs);
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
fn a_correlation_of_constants_is_undefined_and_not_missing() {
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
    let text = verdict_lines(&judge(&study, &runs).unwrap());
    assert!(
        text.contains("undefined: a compared number is the same"),
        "{text}"
    );
    let text = verdict_lines(&judge(&study, &[]).unwrap());
    assert!(text.contains("too few finished runs") && text.contains("no finished run"));
}
