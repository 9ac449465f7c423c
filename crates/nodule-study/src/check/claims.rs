//! Checks of claims against the study.

use nodule_error::InvalidInput;
use nodule_eval::ReadOut;

use super::{Sources, train_names};
use crate::claims::{ClaimScope, ComparedLoss, check_claims};
use crate::file::Study;
use crate::resolved::{StudyLoss, scored_tests};

/// Checks that every claim names only what the study has, and can be judged by its runs.
pub(super) fn check_hypotheses(
    study: &Study,
    losses: &[StudyLoss],
    sources: &Sources,
) -> Result<(), InvalidInput> {
    let compared_loss = |loss: &StudyLoss| ComparedLoss {
        name: loss.name.clone(),
        read_outs: loss.read_outs(&ReadOut::ALL),
    };
    let without_head: Vec<&str> = losses
        .iter()
        .filter(|loss| !loss.trains_head)
        .map(|loss| loss.name.as_str())
        .collect();
    let scope = ClaimScope {
        train: &train_names(sources),
        tests: &scored_tests(sources.test, sources.images),
        losses: &losses.iter().map(compared_loss).collect::<Vec<_>>(),
        read_outs: &study.read_outs,
        has_representation: study.samples.representation > 0,
        read_out_note: &format!("losses without a head: {}", without_head.join(", ")),
    };
    check_claims(&study.hypotheses, &scope)
}
