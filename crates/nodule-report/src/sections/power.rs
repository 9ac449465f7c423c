//! Report content of the power analysis: the number of seeds needed to detect a difference between two losses.

use nodule_analysis::Runs;
use nodule_analysis::power::paired_sds;

use super::{Content, key_findings};
use crate::Error;
use crate::tables::power::{csv, table};
use crate::topic::Topic;

/// Returns the table, key finding and CSV for the first loss against each other one; empty if too few pairs of runs are
/// finished.
pub(super) fn content(runs: &Runs) -> Result<Content, Error> {
    let Some(read_out) = runs.main_read_out() else {
        return Ok(Content::default());
    };
    let pairs = paired_sds(runs, read_out)?;
    if pairs.is_empty() {
        return Ok(Content::default());
    }
    let finding = key_findings::power_finding(runs.study, &pairs, read_out)?;
    Ok(Content {
        tables: vec![(Topic::Robustness, table(&pairs, read_out))],
        key_findings: finding
            .map(|text| (Topic::Robustness, text))
            .into_iter()
            .collect(),
        files: vec![csv(&pairs)?],
        ..Content::default()
    })
}
