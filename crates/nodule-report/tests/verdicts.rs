//! Verdicts, tables and the report of synthetic runs with known effects.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "other tests use the rest")]
mod fixtures;

use std::fs;

use nodule_analysis::trends::judge_trends;
use nodule_analysis::variants::VariantRuns;
use nodule_analysis::{Ruling, Runs, judge, verdict_lines};
use nodule_config::Epoch;
use nodule_eval::{ReadOut, ScoreSd, Scores};
use nodule_report::write_report;
use nodule_seed::{derive, stream};
use nodule_study::claims::Direction;
use nodule_study::records::{
    Evaluation, FinishedRun, Gallery, GalleryRow, ModeReliance, ReadOutEvaluation, Showcase,
    TestEvaluation,
};
use nodule_study::{Registry, Study, load_study};
use nodule_synth::Mode;

/// Returns accuracy on every test and reliance on shape from loss and seed.
type Truth = fn(&str, u64) -> (f64, f64);

fn study(seeds: usize) -> Study {
    Study {
        seeds,
        train: vec!["both".into()],
        ..load_study("smoke", &Registry::default()).unwrap().study
    }
}

/// Returns a number in [-1, 1) that depends on seed and purpose only.
fn noise(seed: u64, purpose: &str) -> f64 {
    stream(derive(seed, &[purpose])).uniform_in(-1.0, 1.0)
}

fn runs(study: &Study, truth: Truth) -> Vec<FinishedRun> {
    let mut runs = Vec::new();
    for loss in &study.losses {
        for seed in 0..study.seeds {
            runs.push(run(loss, seed, truth(loss, seed as u64)));
        }
    }
    runs
}

fn run(loss: &str, seed: usize, (accuracy, shape): (f64, f64)) -> FinishedRun {
    let read_outs = ReadOut::ALL
        .into_iter()
        .filter(|r| *r != ReadOut::Head || loss != "contrastive");
    let reliance = |mode, effect| ModeReliance {
        mode,
        effect,
        flipped: effect / 2.0,
        raised: 0.1,
        intervals: None,
    };
    let test = |name: &str| TestEvaluation {
        test: name.into(),
        metrics: metrics_with(accuracy),
        best: None,
        combinations: vec![],
        held_out: None,
    };
    let evaluate = |read_out| ReadOutEvaluation {
        read_out,
        score_sd: ScoreSd::new(1.0).unwrap(),
        validation: metrics_with(0.99),
        validation_best: None,
        tests: [
            "both",
            "conflict-by-shape",
            "conflict-by-texture",
            "shape-only",
            "lidc",
        ]
        .map(test)
        .into(),
        reliance: vec![
            reliance(Mode::Shape, shape),
            reliance(Mode::Texture, 1.0 - shape),
        ],
        decision_surface: Vec::new(),
        maps: Vec::new(),
    };
    let epoch = |epoch| Epoch {
        epoch,
        train_loss: None,
        validation_loss: 0.5,
        validation_accuracy: None,
    };
    FinishedRun {
        record: fixtures::record(&format!("{loss}-{seed}"), "both", loss, seed),
        history: (0..3).map(epoch).collect(),
        evaluation: Evaluation {
            read_outs: read_outs.map(evaluate).collect(),
            representation: None,
            timeline: Vec::new(),
        },
    }
}

/// Returns the metrics of 1,000 images of which that share is classified correctly.
fn metrics_with(accuracy: f64) -> nodule_eval::Metrics {
    let right = (accuracy * 1000.0).round() as usize;
    let labels: Vec<u8> = (0..1000).map(|i| (i % 2) as u8).collect();
    let score = |i: usize| {
        if (i < right) == (i % 2 == 1) {
            1.0
        } else {
            -1.0
        }
    };
    let scores: Vec<f32> = (0..1000).map(score).collect();
    Scores::new(&scores, &labels).unwrap().metrics()
}

fn ruling(study: &Study, runs: &[FinishedRun], id: &str) -> Ruling {
    judge(study, runs)
        .unwrap()
        .iter()
        .find(|v| v.id == id)
        .unwrap()
        .ruling
}

/// The contrastive loss relies on shape by 0.5 SD units more, and is more accurate by 0.1.
fn large_effect(loss: &str, seed: u64) -> (f64, f64) {
    let more = if loss == "contrastive" { 1.0 } else { 0.0 };
    let shape = 0.4 + 0.5 * more + 0.05 * noise(seed, "shared") + 0.02 * noise(seed, loss);
    (0.7 + 0.1 * more + 0.05 * (shape - 0.4), shape)
}

/// Noise far below the smallest effect of interest.
fn no_effect(loss: &str, seed: u64) -> (f64, f64) {
    (
        0.8 + 0.004 * noise(seed, loss),
        0.5 + 0.01 * noise(seed, loss),
    )
}

#[test]
fn a_large_effect_over_twenty_seeds_is_supported() {
    let study = study(20);
    let runs = runs(&study, large_effect);
    for id in ["H1", "H2", "H3"] {
        assert_eq!(ruling(&study, &runs, id), Ruling::Supported, "{id}");
    }
    let verdicts = judge(&study, &runs).unwrap();
    let first = &verdicts[0];
    assert!(
        (first.effect.unwrap() + 0.5).abs() < 0.05,
        "ce minus contrastive: {:?}",
        first.effect
    );
    let interval = first.interval.unwrap();
    assert!(interval.low < first.effect.unwrap() && first.effect.unwrap() < interval.high);
    assert!(first.p.unwrap() < 1e-4 && first.p_holm.unwrap() >= first.p.unwrap());
    assert_eq!(first.n, 20);
}

#[test]
fn noise_within_the_sesoi_is_not_supported() {
    let study = study(20);
    let runs = runs(&study, no_effect);
    for id in ["H1", "H2", "H4", "H5"] {
        assert_eq!(ruling(&study, &runs, id), Ruling::NotSupported, "{id}");
    }
}

/// Returns the study with a direction for every claim, or with that of its kind.
fn with_direction(study: &Study, direction: Option<Direction>) -> Study {
    let mut study = study.clone();
    for claim in &mut study.hypotheses {
        claim.direction = direction;
    }
    study
}

#[test]
fn a_significant_effect_of_the_other_sign_refutes_a_claim() {
    let study = study(12);
    // Cross-entropy relies on shape less (H1) and is less accurate (H2), and reliance predicts accuracy (H3).
    let runs = runs(&study, large_effect);
    let (positive, negative) = (Some(Direction::Positive), Some(Direction::Negative));
    for (id, direction, expected) in [
        ("H1", None, Ruling::Supported),
        ("H1", negative, Ruling::Supported),
        ("H1", positive, Ruling::Refuted),
        ("H2", positive, Ruling::Refuted),
        ("H3", None, Ruling::Supported),
        ("H3", positive, Ruling::Supported),
        ("H3", negative, Ruling::Refuted),
    ] {
        let study = with_direction(&study, direction);
        assert_eq!(ruling(&study, &runs, id), expected, "{id} {direction:?}");
    }
    // Effects within the SESOI refute nothing.
    let without = self::runs(&study, no_effect);
    for direction in [positive, negative] {
        let study = with_direction(&study, direction);
        assert_eq!(ruling(&study, &without, "H1"), Ruling::NotSupported);
    }
}

#[test]
fn an_order_that_is_reversed_does_not_carry() {
    let study = study(9);
    let accuracy = |loss: &str, seed: u64| match loss {
        "ce" => (0.6 + 0.001 * noise(seed, loss), 0.5),
        "contrastive" => (0.8, 0.5),
        _ => (0.7, 0.5),
    };
    let mut runs = runs(&study, accuracy);
    assert_eq!(ruling(&study, &runs, "H6"), Ruling::Supported);
    for run in &mut runs {
        let (accuracy, _) = accuracy(&run.record.loss, run.record.seed as u64);
        for measured in &mut run.evaluation.read_outs {
            let lidc = measured.tests.iter_mut().find(|test| test.test == "lidc");
            lidc.unwrap().metrics = metrics_with(1.5 - accuracy);
        }
    }
    let verdicts = judge(&study, &runs).unwrap();
    let order = verdicts.iter().find(|v| v.id == "H6").unwrap();
    assert_eq!((order.effect, order.ruling), (Some(-1.0), Ruling::Refuted));
    let folder = tempfile::tempdir().unwrap();
    let summary = write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    let page = fs::read_to_string(summary.report).unwrap();
    assert!(page.contains("1 is refuted"), "{page}");
    // The claim of a reversed order is another claim.
    let reversed = with_direction(&study, Some(Direction::Negative));
    assert_eq!(ruling(&reversed, &runs, "H6"), Ruling::Supported);
}

#[test]
fn a_slope_of_the_other_sign_refutes_a_trend() {
    let mut study = load_study("regimes", &Registry::default()).unwrap().study;
    (study.seeds, study.samples.train) = (8, 256);
    study.trends.truncate(1);
    // The difference of the first claim grows by 0.1 with every doubling of the images.
    let change = |n: u32| vec![("samples.train".to_owned(), toml::Value::from(n))];
    let changes = [Vec::new(), change(512), change(1024)];
    let runs_at = |doublings: u32| {
        let shape = |loss: &str| {
            if loss == "ce" {
                0.4 + 0.1 * f64::from(doublings)
            } else {
                0.4
            }
        };
        let all = |loss: &'static str| (0..8).map(move |seed| run(loss, seed, (0.9, shape(loss))));
        all("ce").chain(all("contrastive")).collect::<Vec<_>>()
    };
    let runs = [0, 1, 2].map(runs_at);
    for (direction, expected) in [
        (None, Ruling::Supported),
        (Some(Direction::Positive), Ruling::Supported),
        (Some(Direction::Negative), Ruling::Refuted),
    ] {
        study.trends[0].direction = direction;
        let variants: Vec<_> = changes
            .iter()
            .zip(&runs)
            .map(|(changes, runs)| VariantRuns {
                changes,
                name: String::new(),
                runs: Runs::new(&study, runs),
            })
            .collect();
        let trends = judge_trends(&study, &variants).unwrap();
        let slope = trends[0].evidence.effect.unwrap();
        assert!((slope - 0.1).abs() < 1e-12, "{slope}");
        assert_eq!(trends[0].ruling, expected, "{direction:?}");
    }
}

#[test]
fn three_seeds_are_inconclusive() {
    let study = study(3);
    let runs = runs(&study, large_effect);
    let verdicts = judge(&study, &runs).unwrap();
    assert!(
        verdicts.iter().all(|v| v.ruling == Ruling::Inconclusive),
        "{}",
        verdict_lines(&verdicts)
    );
    let folder = tempfile::tempdir().unwrap();
    let summary = write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    assert_eq!(summary.verdicts, verdicts);
    assert!(
        fs::read_to_string(summary.report)
            .unwrap()
            .contains("With 3 seeds no paired test")
    );
}

#[test]
fn an_unfinished_study_is_marked() {
    let study = study(20);
    let mut some = runs(&study, large_effect);
    some.retain(|run| run.record.seed < 7 && run.record.loss != "ce");
    let verdicts = judge(&study, &some).unwrap();
    assert!(verdict_lines(&verdicts).contains("too few finished runs"));
    assert_eq!(verdicts[0].effect, None);
    let folder = tempfile::tempdir().unwrap();
    for runs in [&some[..], &[]] {
        let summary = write_report(&study, runs, &Showcase::default(), folder.path()).unwrap();
        assert_eq!((summary.finished, summary.planned), (runs.len(), 60));
        let page = fs::read_to_string(summary.report).unwrap();
        assert!(
            page.contains(&format!("Only {} of 60 runs are finished", runs.len())),
            "{page}"
        );
    }
}

#[test]
fn the_report_is_deterministic_and_has_no_missing_numbers() {
    let study = study(8);
    let runs = runs(&study, large_effect);
    let row = GalleryRow {
        label: "a < b".into(),
        image_size: 2,
        images: vec![vec![0.0, 0.5, 1.0, 0.2]],
    };
    let showcase = Showcase {
        gallery: Gallery { rows: vec![row] },
        ..Showcase::default()
    };
    let write = || {
        let folder = tempfile::tempdir().unwrap();
        let summary = write_report(&study, &runs, &showcase, folder.path()).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let page = fs::read_to_string(summary.report).unwrap();
        (
            page,
            read("report.md"),
            read("tables/validation.tex"),
            read("figures/reliance.svg"),
            read("tables/results.csv"),
        )
    };
    let (page, markdown, latex, figure, results) = write();
    assert_eq!((&page, &markdown), (&write().0, &write().1));
    assert!(page.contains("a &lt; b") && page.contains("data:image/png;base64,"));
    for text in [&page, &markdown, &latex, &figure, &results] {
        assert!(
            !text.contains("NaN") && !text.contains("inf"),
            "a missing number"
        );
    }
    assert!(latex.contains("\\toprule") && latex.contains("$\\pm$"));
    assert_eq!(results.lines().count(), 1 + 8 * (4 + 3 + 4) * 5);
}
