//! Key findings of the report.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;

use fixtures::{runs, study};
use nodule_report::write_report;
use nodule_study::records::Showcase;
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
