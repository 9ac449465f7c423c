//! Which questions of the reader does the report answer? Numbers, figures, tables and sentences, each with the
//! question that it belongs to.

mod answers;
mod grid;
mod multiverse;
mod networks;
mod power;
mod salience;
mod section;
mod topic;
mod trends;
mod variance;
mod variants;

use nodule_study::records::Showcase;
use nodule_study::{Resolved, Study};

use crate::Error;
use nodule_analysis::PlannedRuns;
use nodule_analysis::Runs;
use nodule_analysis::Verdict;
use nodule_analysis::variants::variant_runs;

pub(crate) use section::Section;
pub(crate) use topic::Topic;

/// What the study's own grid says, and its networks show.
pub(crate) fn of_grid(
    runs: &Runs,
    verdicts: &[Verdict],
    showcase: &Showcase,
) -> Result<[Section; 2], Error> {
    let (grid, networks) = rayon::join(
        || grid::section(runs, verdicts, &showcase.gallery),
        || networks::section(showcase),
    );
    Ok([grid?, networks?])
}

/// What the verdicts depend on, as far as the study asks: how many seeds a difference needs, the study's
/// variants, its crossed seeds.
pub(crate) fn beyond_grid(
    resolved: &Resolved,
    device_kind: &str,
    runs: &Runs,
    planned: &PlannedRuns,
) -> Result<Section, Error> {
    let mut section = power::section(runs)?;
    if !resolved.variants.is_empty() {
        let studies: Vec<Study> = resolved
            .variants
            .iter()
            .map(|v| v.resolved.named())
            .collect();
        let declared = Runs::new(runs.study, runs.all.iter().copied());
        let variants = variant_runs(resolved, &studies, declared, device_kind, planned);
        section = section
            .and(trends::section(runs, &variants, resolved.outlines.len())?)
            .and(variants::section(&variants, planned)?)
            .and(multiverse::section(runs.study, &variants)?)
            .and(salience::section(runs, &variants)?);
    }
    Ok(section.and(variance::section(resolved, device_kind, planned)?))
}
