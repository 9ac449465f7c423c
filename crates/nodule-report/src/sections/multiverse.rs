//! Which verdicts depend on our choices?

use nodule_study::Study;

use super::Section;
use crate::Error;
use crate::analysis::multiverse::{outcomes, shares};
use crate::analysis::variants::VariantRuns;
use crate::figures::multiverse::figure;
use crate::tables::multiverse::{csv, table};

/// Every claim judged again; nothing where the study declares none.
pub(super) fn section(study: &Study, variants: &[VariantRuns]) -> Result<Section, Error> {
    if study.hypotheses.is_empty() {
        return Ok(Section::default());
    }
    let outcomes = outcomes(study, variants)?;
    Ok(Section {
        figures: vec![figure(study, &outcomes)],
        tables: vec![table(study, &shares(study, &outcomes))],
        files: vec![csv(&outcomes)?],
        ..Section::default()
    })
}
