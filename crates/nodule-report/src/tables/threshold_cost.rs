//! Performance lost from validation to each test set, split into discrimination and threshold calibration.

use nodule_analysis::Runs;
use nodule_analysis::threshold_cost::{ThresholdCost, threshold_cost};
use nodule_eval::ReadOut;
use nodule_study::records::FinishedRun;

use super::formatting::{MISSING, mean_sd_by_loss, mean_sd_note, with_losses};
use super::{Source, Table};
use crate::Error;
use crate::text::{classifier_of, trained_on};

/// Name and value of a part of the cost.
type Part = (&'static str, fn(&ThresholdCost) -> f64);

const PARTS: [Part; 5] = [
    ("AUROC lost", |cost| cost.auroc),
    ("balanced accuracy lost", |cost| cost.balanced_accuracy),
    ("… by discrimination", |cost| cost.by_ranking),
    ("… by threshold calibration", |cost| cost.by_threshold),
    ("best threshold (SD units)", |cost| cost.best_threshold),
];

/// Returns the table of networks trained on `train`.
pub(crate) fn table(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Table, Error> {
    let mut rows = Vec::new();
    for test in runs.tests() {
        for (name, part) in PARTS {
            let cost = |run: &FinishedRun| {
                let measured = run.read_out(read_out)?;
                Some(part(&threshold_cost(measured, measured.test(test)?)?))
            };
            let cells = mean_sd_by_loss(runs, train, &cost)?;
            if cells.iter().any(|cell| cell != MISSING) {
                rows.push([vec![test.to_owned(), name.into()], cells].concat());
            }
        }
    }
    Ok(Table {
        name: format!("threshold-{train}"),
        caption: format!(
            "Performance lost on each test set, {}. Validation minus test, {}. Discrimination: balanced accuracy lost at the best threshold of each set. Threshold calibration: the rest, which another threshold would recover (the fitted threshold is 0). {}",
            trained_on(runs, &format!("`{train}`")),
            classifier_of(runs, read_out),
            mean_sd_note(runs)
        ),
        header: with_losses(&["test set", "quantity"], runs.study),
        rows,
        source: Source::new("threshold", &["train", "test", "readout", "loss"]),
    })
}
