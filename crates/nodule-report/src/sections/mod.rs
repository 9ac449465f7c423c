//! Contents of the report by source: the grid of runs, trained networks, variants, crossed seeds.

mod audit;
mod content;
mod cross_validation;
mod grid;
mod key_findings;
mod multiverse;
mod networks;
mod power;
mod salience;
mod trends;
mod variance;
mod variants;

use nodule_analysis::PlannedRuns;
use nodule_analysis::Runs;
use nodule_analysis::Verdict;
use nodule_analysis::variants::variant_runs;
use nodule_study::records::Showcase;
use nodule_study::{Resolved, Study};

use crate::Error;

pub(crate) use content::Content;

/// Returns the content from the runs of the grid, and from the outputs of their networks.
pub(crate) fn grid_and_networks(
    runs: &Runs,
    verdicts: &[Verdict],
    showcase: &Showcase,
) -> Result<[Content; 2], Error> {
    let (grid, networks) = rayon::join(
        || grid::content(runs, verdicts, &showcase.gallery),
        || networks::content(showcase),
    );
    Ok([grid?, networks?])
}

/// Returns the content on the robustness of the verdicts, as far as the study covers it: power analysis, variants
/// and crossed seeds.
pub(crate) fn robustness(
    resolved: &Resolved,
    device_kind: &str,
    runs: &Runs,
    planned: &PlannedRuns,
) -> Result<Content, Error> {
    let mut content = power::content(runs)?;
    if !resolved.variants.is_empty() {
        let studies: Vec<Study> = resolved
            .variants
            .iter()
            .map(|v| v.resolved.study_by_name())
            .collect();
        let declared = Runs::new(runs.study, runs.all.iter().copied());
        let variants = variant_runs(resolved, &studies, declared, device_kind, planned);
        content = content
            .and(trends::content(runs, &variants, resolved.outlines.len())?)
            .and(variants::content(runs.study, &variants, planned)?)
            .and(cross_validation::content(runs, &variants)?)
            .and(multiverse::content(runs.study, &variants)?)
            .and(salience::content(runs, &variants)?);
    }
    Ok(content.and(variance::content(resolved, device_kind, planned)?))
}
