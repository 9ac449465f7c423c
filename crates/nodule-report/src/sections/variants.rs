//! Variants of the study: their numbers and how many runs are finished.

use nodule_analysis::PlannedRuns;
use nodule_analysis::variants::VariantRuns;

use super::Content;
use crate::Error;
use crate::tables::variants::csv;
use crate::text::count_of;

/// Returns every number of the variants and a note on their runs.
pub(super) fn content(variants: &[VariantRuns], planned: &PlannedRuns) -> Result<Content, Error> {
    let all: usize = variants.iter().map(|v| v.runs.planned_count()).sum();
    let finished: usize = variants.iter().map(|v| v.runs.all.len()).sum();
    Ok(Content {
        files: vec![csv(variants)?],
        notes: vec![format!(
            "The study and its {} have {finished} of {all} runs. Variants share runs, so the plan has {} different ones.",
            count_of(variants.len().saturating_sub(1), "variant"),
            planned.planned_count()
        )],
        ..Content::default()
    })
}
