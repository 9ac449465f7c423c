//! Where does the variance between runs come from?

use nodule_study::Resolved;
use nodule_study::plan::plan_crossed;
use nodule_study::settings::map_read_out;

use super::{Section, Topic};
use crate::Error;
use crate::figures::variance::figure;
use crate::tables::variance::{csv, table};
use nodule_analysis::PlannedRuns;
use nodule_analysis::endpoints::standard_endpoints;
use nodule_analysis::variance::{crossed_runs, variance_rows};

/// Nothing where the study crosses no seeds; no more than the numbers where not all such runs are
/// finished.
pub(super) fn section(
    resolved: &Resolved,
    device_kind: &str,
    planned: &PlannedRuns,
) -> Result<Section, Error> {
    let study = &resolved.study;
    let Some(wanted) = &study.crossed else {
        return Ok(Section::default());
    };
    let specs = plan_crossed(resolved, device_kind);
    let runs = crossed_runs(&specs, planned);
    let endpoints = standard_endpoints(runs.first().map(|crossed| crossed.run));
    let (n, of) = (wanted.seeds, specs.len());
    let mut section = Section {
        files: vec![csv(&runs, &study.read_outs, &endpoints)?],
        notes: vec![format!(
            "Seeds of data, weights and order are crossed, {n} x {n} x {n}: {} of {of} such runs are there.",
            runs.len()
        )],
        ..Section::default()
    };
    let read_out = map_read_out(&study.read_outs).filter(|_| runs.len() == of);
    if let Some(read_out) = read_out {
        let rows = variance_rows(wanted, &runs, &endpoints, read_out)?;
        if !rows.is_empty() {
            section.figures.push((Topic::Depends, figure(&rows, n)));
            let table = table(&rows, n, read_out);
            section.tables.push((Topic::Depends, table));
        }
    }
    Ok(section)
}
