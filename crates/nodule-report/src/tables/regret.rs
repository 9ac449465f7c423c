//! Regret: how far networks stay behind an ideal observer, cell by cell of every test.

use nodule_eval::ReadOut;
use nodule_study::records::{CombinationEvaluation, FinishedRun};
use nodule_study::text::format_number;
use nodule_synth::Label;

use super::Table;
use super::cells::{NONE, by_loss, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;

/// Of networks trained on `train`, under `read_out`.
pub(crate) fn table(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Table, Error> {
    let first = runs.all.iter().find_map(|run| run.read_out(read_out));
    let tests = first.map_or(&[][..], |r| r.tests.as_slice());
    let mut rows = Vec::new();
    for test in tests {
        for cell in test
            .combinations
            .iter()
            .filter(|cell| cell.ideal_observer.is_some())
        {
            let same = |other: &&CombinationEvaluation| {
                (other.shape, other.texture, other.label) == (cell.shape, cell.texture, cell.label)
            };
            let regret = |run: &FinishedRun| {
                let test = run.read_out(read_out)?.test(&test.test)?;
                let found = test.combinations.iter().find(same)?;
                Some(found.ideal_observer? - found.accuracy)
            };
            let label = match cell.label {
                1 => Label::Abnormal,
                _ => Label::Normal,
            };
            let head = vec![
                test.test.clone(),
                format!("{}, {}", cell.shape, cell.texture),
                label.to_string(),
                cell.ideal_observer.map_or(NONE.to_owned(), format_number),
            ];
            rows.push([head, by_loss(runs, train, &regret)?].concat());
        }
    }
    Ok(Table {
        source: Source {
            file: "cells",
            keys: vec![
                ("train", Key::Is(train.to_owned())),
                ("test", Key::Column(0)),
                ("shape", Key::Part(1, 0)),
                ("texture", Key::Part(1, 1)),
                ("readout", Key::Is(read_out.to_string())),
                ("loss", Key::Heading),
            ],
            first: 4,
        },
        name: format!("regret-{train}"),
        caption: format!(
            "Trained on {train}: regret on each cell of each test set, {read_out} read-out: the accuracy of an ideal observer, which knows shape, texture and the set's table but not the label, minus the network's. Tests on real outlines have none: readers gave their labels, and nobody knows how well an outline tells them. Mean ± standard deviation over training seeds (n)."
        ),
        header: [
            texts(&["test", "cell", "label", "ideal observer"]),
            runs.study.losses.clone(),
        ]
        .concat(),
        rows,
    })
}
