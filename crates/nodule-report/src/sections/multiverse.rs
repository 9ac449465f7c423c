//! Which verdicts depend on our choices?

use nodule_study::Study;

use super::{Section, Topic, answers};
use crate::Error;
use crate::figures::multiverse::figure;
use crate::tables::multiverse::{csv, table};
use nodule_analysis::multiverse::{claim_shares, judge_multiverse};
use nodule_analysis::variants::VariantRuns;

/// Every claim judged again; nothing where the study declares none.
pub(super) fn section(study: &Study, variants: &[VariantRuns]) -> Result<Section, Error> {
    if study.hypotheses.is_empty() {
        return Ok(Section::default());
    }
    let outcomes = judge_multiverse(study, variants)?;
    let shares = claim_shares(study, &outcomes);
    let answer = answers::of_multiverse(&shares);
    Ok(Section {
        figures: vec![(Topic::Depends, figure(study, &outcomes))],
        tables: vec![(Topic::Depends, table(study, &shares))],
        answers: vec![(Topic::Depends, answer)],
        files: vec![csv(&outcomes)?],
        ..Section::default()
    })
}
