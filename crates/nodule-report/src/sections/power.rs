//! How many seeds would the reader's own study need?

use super::{Section, Topic, answers};
use crate::Error;
use crate::tables::power::{csv, table};
use nodule_analysis::Runs;
use nodule_analysis::power::paired_sds;

/// The first loss against every other one; nothing where too few pairs of runs are finished.
pub(super) fn section(runs: &Runs) -> Result<Section, Error> {
    let Some(read_out) = runs.main_read_out() else {
        return Ok(Section::default());
    };
    let pairs = paired_sds(runs, read_out)?;
    if pairs.is_empty() {
        return Ok(Section::default());
    }
    Ok(Section {
        tables: vec![(Topic::Depends, table(&pairs, read_out))],
        answers: answers::of_power(runs.study, &pairs, read_out)?
            .map(|answer| (Topic::Depends, answer))
            .into_iter()
            .collect(),
        files: vec![csv(&pairs)?],
        ..Section::default()
    })
}
