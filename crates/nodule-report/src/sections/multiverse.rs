//! Multiverse analysis: dependence of the verdicts on design choices.

use nodule_analysis::multiverse::{claim_shares, judge_multiverse};
use nodule_analysis::variants::VariantRuns;
use nodule_study::Study;

use super::{Content, key_findings};
use crate::Error;
use crate::figures::multiverse::figure;
use crate::tables::multiverse::{csv, table};
use crate::topic::Topic;

/// Judges every claim in every variant; empty if the study declares no claims.
pub(super) fn content(study: &Study, variants: &[VariantRuns]) -> Result<Content, Error> {
    if study.hypotheses.is_empty() {
        return Ok(Content::default());
    }
    let outcomes = judge_multiverse(study, variants)?;
    let shares = claim_shares(study, &outcomes);
    Ok(Content {
        figures: vec![(Topic::Robustness, figure(study, &outcomes))],
        tables: vec![(Topic::Robustness, table(study, &shares))],
        key_findings: vec![(Topic::Robustness, key_findings::multiverse_finding(&shares))],
        files: vec![csv(&outcomes)?],
        ..Content::default()
    })
}
