//! Which variants of the study are there, and how much of them is finished?

use super::Section;
use crate::Error;
use crate::tables::variants::csv;
use nodule_analysis::PlannedRuns;
use nodule_analysis::variants::VariantRuns;

/// Every number of theirs.
pub(super) fn section(variants: &[VariantRuns], planned: &PlannedRuns) -> Result<Section, Error> {
    let all: usize = variants.iter().map(|v| v.runs.planned_count()).sum();
    let done: usize = variants.iter().map(|v| v.runs.all.len()).sum();
    Ok(Section {
        files: vec![csv(variants)?],
        notes: vec![format!(
            "With {} variants of it, {done} of {all} runs are there, many of them shared: {} different ones are planned in all.",
            variants.len().saturating_sub(1),
            planned.planned_count()
        )],
        ..Section::default()
    })
}
