//! Crossed seeds: variance components between runs.

use nodule_analysis::PlannedRuns;
use nodule_analysis::endpoints::standard_endpoints;
use nodule_analysis::variance::{crossed_runs, variance_rows};
use nodule_study::Resolved;
use nodule_study::plan::plan_crossed;
use nodule_study::settings::choose_map_read_out;

use super::Content;
use crate::Error;
use crate::figures::variance::figure;
use crate::tables::variance::{csv, table};
use crate::topic::Topic;

/// Returns the numbers of the finished runs, and figure and table if all are finished; empty if the study crosses no
/// seeds.
pub(super) fn content(
    resolved: &Resolved,
    device_kind: &str,
    planned: &PlannedRuns,
) -> Result<Content, Error> {
    let study = &resolved.study;
    let Some(design) = &study.crossed else {
        return Ok(Content::default());
    };
    let specs = plan_crossed(resolved, device_kind);
    let runs = crossed_runs(&specs, planned);
    let endpoints = standard_endpoints(runs.first().map(|crossed| crossed.run));
    let (n, all) = (design.seeds, specs.len());
    let mut content = Content {
        files: vec![csv(&runs, &study.read_outs, &endpoints)?],
        notes: vec![format!(
            "Seeds of data, initial weights and batch order are crossed ({n} x {n} x {n}): {} of {all} runs are finished.",
            runs.len()
        )],
        ..Content::default()
    };
    let read_out = choose_map_read_out(&study.read_outs).filter(|_| runs.len() == all);
    if let Some(read_out) = read_out {
        let rows = variance_rows(design, &runs, &endpoints, read_out)?;
        if !rows.is_empty() {
            content.figures.push((Topic::Robustness, figure(&rows, n)));
            content
                .tables
                .push((Topic::Robustness, table(&rows, n, read_out)));
        }
    }
    Ok(content)
}
