//! Multiverse analysis: dependence of the verdicts on design choices.

use nodule_analysis::Ruling;
use nodule_analysis::multiverse::ClaimShares;
use nodule_analysis::multiverse::{claim_shares, judge_multiverse};
use nodule_analysis::variants::VariantRuns;
use nodule_study::Study;

use super::Content;
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
        key_findings: vec![(Topic::Robustness, finding(&shares))],
        files: vec![csv(&outcomes)?],
        ..Content::default()
    })
}

/// Returns the number of settings in which each claim keeps its declared verdict.
fn finding(shares: &[ClaimShares]) -> String {
    let parts: Vec<_> = shares
        .iter()
        .filter_map(|share| {
            let declared = share.declared?;
            let place = Ruling::ALL.iter().position(|ruling| *ruling == declared)?;
            Some(format!(
                "{} in {} of {}",
                share.claim.id, share.counts[place], share.settings
            ))
        })
        .collect();
    match parts.is_empty() {
        true => "No claim can be judged in its declared setting yet.".to_owned(),
        false => format!(
            "Settings in which a claim keeps its verdict (one design choice changed, every shared classifier): {}.",
            parts.join(", ")
        ),
    }
}
