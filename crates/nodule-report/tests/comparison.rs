//! Comparison of studies: tests of each claim against the same claim of the first study.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;

use fixtures::{runs, study};
use nodule_analysis::judge;
use nodule_eval::ReadOut;
use nodule_report::{ComparedStudy, write_comparison};
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_synth::Mode;

/// Returns a study in which contrastive networks rely on shape by `less` less, with training seeds from `root` on.
fn compared_study(label: &str, study: &Study, (less, root): (f64, u64)) -> ComparedStudy {
    let mut runs = runs(study);
    for run in &mut runs {
        run.record.run = format!("{label}-{}", run.record.run);
        run.record.seeds.train_data = root + run.record.seed as u64;
        if run.record.loss == "contrastive" {
            lower_reliance(run, less);
        }
    }
    ComparedStudy {
        label: label.into(),
        study: study.clone(),
        verdicts: judge(study, &runs).unwrap(),
        runs,
    }
}

fn lower_reliance(run: &mut FinishedRun, less: f64) {
    for measured in &mut run.evaluation.read_outs {
        if measured.read_out == ReadOut::Centroid {
            let shape = measured.reliance.iter_mut().find(|m| m.mode == Mode::Shape);
            shape.unwrap().effect -= less;
        }
    }
}

#[test]
fn equal_seeds_are_compared_in_pairs_and_different_ones_as_samples() {
    let study = study(8);
    let mut other_claim = study.clone();
    other_claim.hypotheses[1].train = "shape".into();
    let studies = [
        compared_study("first", &study, (0.0, 0)),
        compared_study("pairs", &study, (0.2, 0)),
        compared_study("others", &study, (0.2, 100)),
        compared_study("differs", &other_claim, (0.0, 0)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(write_comparison(&studies, folder.path()).unwrap()).unwrap();
    let path = folder.path().join("comparison.csv");
    let mut table = csv::Reader::from_path(path).unwrap();
    let header = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let cell = |study: &str, id: &str, column: &str| {
        let row = rows.iter().find(|row| &row[0] == study && &row[1] == id);
        let place = header.iter().position(|name| name == column).unwrap();
        row.unwrap()[place].to_owned()
    };
    let near = |text: String, expected: f64| {
        let found: f64 = text.parse().unwrap();
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    };
    assert_eq!(cell("first", "H1", "minus_first"), "");
    // Lower reliance of the contrastive loss raises cross-entropy minus contrastive by the same amount in every seed.
    near(cell("pairs", "H1", "minus_first"), 0.2);
    near(cell("pairs", "H1", "minus_first_low"), 0.2);
    near(cell("pairs", "H1", "minus_first_p"), 2.0 / 256.0);
    assert_eq!(cell("pairs", "H1", "seeds"), "paired");
    near(cell("pairs", "H2", "minus_first"), 0.0);
    near(cell("pairs", "H2", "minus_first_p"), 1.0);
    near(cell("others", "H1", "minus_first"), 0.2);
    assert_eq!(cell("others", "H1", "seeds"), "unpaired");
    let number = |column: &str| cell("others", "H1", column).parse::<f64>().unwrap();
    assert!(number("minus_first_low") < 0.2 && number("minus_first_high") > 0.2);
    assert!(number("minus_first_p") < number("minus_first_p_holm"));
    // A correlation has no value per seed, and a claim with the same id may differ.
    assert_eq!(cell("pairs", "H3", "minus_first"), "");
    assert_eq!(cell("differs", "H2", "minus_first"), "");
    for words in [
        "minus first: 0.200 [0.200, 0.200], corrected p ",
        "(8 pairs of equal training seeds)",
        "(8 seeds against 8 different ones)",
        "no test: a correlation over runs has no value per seed",
        "no test: the claims differ",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_study_is_not_tested_against_its_own_runs() {
    let study = study(8);
    let first = compared_study("first", &study, (0.0, 0));
    // A later state of the same study, with fewer finished runs.
    let mut second = first.clone();
    second.label = "copy".into();
    second.runs.retain(|run| run.record.seed < 7);
    let folder = tempfile::tempdir().unwrap();
    let page = write_comparison(&[first, second], folder.path()).unwrap();
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("no test: both studies have the same runs"));
    assert!(!page.contains("minus first: 0"), "{page}");
}

#[test]
fn shared_claims_are_pooled_over_studies_with_different_runs() {
    let study = study(8);
    let mut other_root = study.clone();
    other_root.root_seed += 1;
    let studies = [
        compared_study("first", &study, (0.0, 0)),
        compared_study("second", &other_root, (0.2, 100)),
        compared_study("third", &other_root, (0.4, 200)),
    ];
    let mut copy = studies[0].clone();
    copy.label = "copy".into();
    let folder = tempfile::tempdir().unwrap();
    let all = [&studies[..], &[copy]].concat();
    let page = fs::read_to_string(write_comparison(&all, folder.path()).unwrap()).unwrap();
    let mut table = csv::Reader::from_path(folder.path().join("pooled.csv")).unwrap();
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        table.deserialize().map(Result::unwrap).collect();
    // Correlations over runs have no value per seed.
    assert!(rows.iter().all(|row| row["id"] != "H3"));
    let row = rows.iter().find(|row| row["id"] == "H1").unwrap();
    // The copy has the runs of the first study.
    assert_eq!((row["studies"].as_str(), row["roots"].as_str()), ("3", "2"));
    let number = |column: &str| row[column].parse::<f64>().unwrap();
    let effects = studies.iter().map(|s| s.verdicts[0].effect.unwrap());
    // Equal standard errors weight the studies equally.
    assert!((number("effect") - effects.sum::<f64>() / 3.0).abs() < 1e-9);
    assert!(number("prediction_low") < number("ci_low"));
    assert!((number("between_sd") - 0.2).abs() < 0.01, "{row:?}");
    for words in [
        "Pooled over the studies",
        "Effects of H1 over studies",
        "root seed",
    ] {
        assert!(page.contains(words), "{words}");
    }
}
