//! Cross-validation over the folds that the study varies.

use nodule_analysis::Runs;
use nodule_analysis::cross_validation::{CrossValidation, cross_validate};
use nodule_analysis::variants::VariantRuns;
use nodule_eval::Metric;

use super::Content;
use crate::Error;
use crate::tables::cross_validation::{cell, csv, table};
use crate::text::{count_of, list};
use crate::topic::Topic;

/// Returns table, key finding and CSV; empty if the study does not vary the held-out fold, or no seed has finished runs of
/// all folds.
pub(super) fn content(runs: &Runs, variants: &[VariantRuns]) -> Result<Content, Error> {
    let all = cross_validate(variants)?;
    if all.is_empty() {
        return Ok(Content::default());
    }
    let is_main = |row: &&CrossValidation| {
        row.change.is_empty() && Some(row.read_out) == runs.main_read_out()
    };
    let findings = all.iter().filter(is_main).map(|row| {
        let text = format!(
            "Cross-validated over {} on `{}`, `{}` has an accuracy of {} on `{}` ({}).",
            count_of(row.folds, "fold"),
            row.train,
            row.loss,
            cell(row, Metric::Accuracy),
            row.test,
            list(&[count_of(row.groups, "group"), count_of(row.seeds, "seed")]),
        );
        (Topic::Robustness, text)
    });
    Ok(Content {
        tables: vec![(Topic::Robustness, table(&all))],
        key_findings: findings.collect(),
        files: vec![csv(&all)?],
        ..Content::default()
    })
}
