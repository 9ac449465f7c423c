//! Key findings of the report.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;

use fixtures::{runs, study};
use nodule_config::Method;
use nodule_report::write_report;
use nodule_study::records::{MapScores, Showcase};
use nodule_synth::Mode;

#[test]
fn a_nuisance_is_named_only_if_its_effect_is_larger_than_those_of_shape_and_texture() {
    let study = study(3);
    let report = |size: f64| {
        let mut runs = runs(&study);
        for read_out in runs
            .iter_mut()
            .flat_map(|run| &mut run.evaluation.read_outs)
        {
            let mut nuisance = read_out.reliance[0];
            (nuisance.mode, nuisance.effect) = (Mode::Size, size);
            read_out.reliance.push(nuisance);
        }
        let folder = tempfile::tempdir().unwrap();
        write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
        fs::read_to_string(folder.path().join("report.md")).unwrap()
    };
    let sentence = "A nuisance has a larger effect than either: reliance on size is ce −9.000";
    assert!(report(-9.0).contains(sentence));
    assert!(!report(0.001).contains("A nuisance has a larger effect"));
}

/// Maps attend more to the contour where networks rely more on shape, but only from one training set to the next.
#[test]
fn maps_that_differ_between_training_sets_alone_rank_no_networks() {
    let study = study(8);
    let mut runs = runs(&study);
    for run in &mut runs {
        let level = if run.record.train == "texture" {
            -2.0
        } else {
            2.0
        };
        // Within a training set, the maps follow reliance in one half of the seeds and oppose it in the other.
        let sign = if run.record.seed % 2 == 0 { 1.0 } else { -1.0 };
        for read_out in &mut run.evaluation.read_outs {
            let within = sign * (read_out.reliance[0].effect - 0.7);
            read_out.maps = vec![MapScores {
                method: Method::Gradient,
                n: 10,
                blank: 0,
                contour: Some((level + within).exp()),
                interior: Some(1.0),
                background: None,
                pointing_game: None,
                deletion: None,
                insertion: None,
                completeness_gap: None,
            }];
        }
    }
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
    let report = fs::read_to_string(folder.path().join("report.md")).unwrap();
    let (_, sentence) = report
        .split_once("Saliency methods, of 1, that rank")
        .unwrap();
    let sentence = sentence.lines().next().unwrap();
    for train in ["shape", "texture", "both", "either"] {
        let found = format!("0 on `{train}` (best: gradient ");
        assert!(sentence.contains(&found), "{found}: {sentence}");
    }
}
