//! The sentences that answer a question in numbers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;

use fixtures::{runs, study};
use nodule_report::write_report;
use nodule_study::records::Showcase;
use nodule_synth::Mode;

/// A clue that nobody asked about is named where it moves decisions most, and only there.
#[test]
fn what_moves_decisions_more_than_shape_and_texture_is_named() {
    let study = study(3);
    let said = |size: f64| {
        let mut runs = runs(&study);
        for read_out in runs
            .iter_mut()
            .flat_map(|run| &mut run.evaluation.read_outs)
        {
            let mut more = read_out.reliance[0].clone();
            (more.mode, more.effect) = (Mode::Size, size);
            read_out.reliance.push(more);
        }
        let folder = tempfile::tempdir().unwrap();
        write_report(&study, &runs, &Showcase::default(), folder.path()).unwrap();
        fs::read_to_string(folder.path().join("report.md")).unwrap()
    };
    let named = "More than by either it is moved by size: ce −9.000";
    assert!(said(-9.0).contains(named));
    assert!(!said(0.001).contains("More than by either"));
}
