//! Gap to the ideal observer, for each combination of shape and texture in every test set.

use nodule_analysis::Runs;
use nodule_eval::ReadOut;
use nodule_study::records::{CombinationEvaluation, FinishedRun};
use nodule_study::text::format_number;
use nodule_synth::Label;

use super::formatting::{mean_sd_by_loss, mean_sd_note, optional, with_losses};
use super::{Source, Table};
use crate::Error;
use crate::text::{classifier_of, trained_on};

/// Returns the table of networks trained on `train`.
pub(crate) fn table(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Table, Error> {
    let first = runs.all.iter().find_map(|run| run.read_out(read_out));
    let tests = first.map_or(&[][..], |r| r.tests.as_slice());
    let mut rows = Vec::new();
    for test in tests {
        let cells = test.combinations.iter();
        for cell in cells.filter(|cell| cell.ideal_observer.is_some()) {
            let is_same = |other: &&CombinationEvaluation| {
                (other.shape, other.texture, other.label) == (cell.shape, cell.texture, cell.label)
            };
            let gap = |run: &FinishedRun| {
                let test = run.read_out(read_out)?.test(&test.test)?;
                let found = test.combinations.iter().find(is_same)?;
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
                optional(cell.ideal_observer, format_number),
            ];
            rows.push([head, mean_sd_by_loss(runs, train, &gap)?].concat());
        }
    }
    Ok(Table {
        name: format!("regret-{train}"),
        caption: format!(
            "Gap to the ideal observer, {}. Accuracy of an ideal observer, which knows shape, texture and the label rule of the test set, minus accuracy of the {}, for each combination of shape and texture. Test sets with real outlines have no ideal observer, because readers assigned their labels. {}",
            trained_on(runs, &format!("`{train}`")),
            classifier_of(runs, read_out),
            mean_sd_note(runs)
        ),
        header: with_losses(
            &[
                "test set",
                "combination",
                "label",
                "ideal-observer accuracy",
            ],
            runs.study,
        ),
        rows,
        source: Source::new(
            "cells",
            &["train", "test", "shape", "texture", "readout", "loss"],
        ),
    })
}
