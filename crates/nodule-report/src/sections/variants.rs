//! Variants of the study: their numbers and how many runs are finished.

use nodule_analysis::PlannedRuns;
use nodule_analysis::variants::VariantRuns;
use nodule_study::Study;

use super::Content;
use crate::Error;
use crate::tables::variants::csv;
use crate::text::count_of;
use crate::topic::Topic;

/// Returns every number of the variants and a note on their runs; a key finding if `study` declares no claims that the
/// variants would judge.
pub(super) fn content(
    study: &Study,
    variants: &[VariantRuns],
    planned: &PlannedRuns,
) -> Result<Content, Error> {
    let all: usize = variants.iter().map(|v| v.runs.planned_count()).sum();
    let finished: usize = variants.iter().map(|v| v.runs.all.len()).sum();
    let count = count_of(variants.len().saturating_sub(1), "variant");
    let finding = study.hypotheses.is_empty().then(|| {
        let text = format!("The study has {count} and declares no claims; `varied.csv` has the numbers of all variants.");
        (Topic::Robustness, text)
    });
    Ok(Content {
        key_findings: finding.into_iter().collect(),
        files: vec![csv(variants)?],
        notes: vec![format!(
            "The study and its {count} have {finished} of {all} runs. Variants share runs, so the plan has {} different ones.",
            planned.planned_count()
        )],
        ..Content::default()
    })
}
