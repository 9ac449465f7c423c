//! Variance components between runs: data, initial weights and sample order, from runs with crossed seeds.

use ndarray::Array3;
use nodule_eval::ReadOut;
use nodule_eval::statistics::{VarianceComponents, mean_sd, variance_components};
use nodule_study::RunSpec;
use nodule_study::claims::Endpoint;
use nodule_study::plan::SeedNumbers;
use nodule_study::records::FinishedRun;
use nodule_study::settings::Crossed;

use crate::Error;
use crate::planned_runs::PlannedRuns;

/// A run with separate seeds for data, weights and order.
#[derive(Clone, Copy)]
pub struct CrossedRun<'a> {
    /// The three seeds.
    pub seeds: SeedNumbers,
    /// The run.
    pub run: &'a FinishedRun,
}

/// Variance components of one endpoint for one loss.
pub struct VarianceRow {
    /// Training distribution.
    pub train: String,
    /// Title of the endpoint.
    pub measure: String,
    /// Name of the loss.
    pub loss: String,
    /// Mean over all runs.
    pub mean: f64,
    /// Variance components, in the squared unit of the endpoint.
    pub parts: VarianceComponents,
}

/// Returns the finished runs of `specs`. Runs with three equal seeds are those of the grid.
#[must_use]
pub fn crossed_runs<'a>(specs: &[RunSpec], planned: &'a PlannedRuns<'a>) -> Vec<CrossedRun<'a>> {
    let find_run = |spec: &RunSpec| {
        let seeds = spec.crossed.unwrap_or(SeedNumbers::all(spec.seed));
        planned.find(&spec.id).map(|run| CrossedRun { seeds, run })
    };
    specs.iter().filter_map(find_run).collect()
}

/// Returns the variance components of every endpoint under one read-out. Incomplete combinations have no row.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn variance_rows(
    crossed: &Crossed,
    runs: &[CrossedRun],
    endpoints: &[Endpoint],
    read_out: ReadOut,
) -> Result<Vec<VarianceRow>, Error> {
    let mut rows = Vec::new();
    for train in &crossed.train {
        for endpoint in endpoints {
            for loss in &crossed.losses {
                let own = runs.iter().filter(|crossed| {
                    let record = &crossed.run.record;
                    record.train == *train && record.loss == *loss
                });
                let Some(values) = value_cube(crossed.seeds, own, endpoint, read_out) else {
                    continue;
                };
                let all: Vec<f64> = values.iter().copied().collect();
                let parts = mean_sd(&all)?.zip(variance_components(values.view())?);
                rows.extend(parts.map(|(overall, parts)| VarianceRow {
                    train: train.clone(),
                    measure: endpoint.title(),
                    loss: loss.clone(),
                    mean: overall.mean,
                    parts,
                }));
            }
        }
    }
    Ok(rows)
}

/// Returns the endpoint by data, weights and order, `n` seeds each; `None` if a run is missing or lacks the endpoint.
fn value_cube<'a>(
    n: usize,
    runs: impl Iterator<Item = &'a CrossedRun<'a>>,
    endpoint: &Endpoint,
    read_out: ReadOut,
) -> Option<Array3<f64>> {
    let mut values = Array3::from_elem((n, n, n), f64::NAN);
    for CrossedRun { seeds, run } in runs {
        let place = [seeds.data, seeds.weights, seeds.order];
        *values.get_mut(place)? = endpoint.value(run, read_out)?;
    }
    values.iter().all(|v| !v.is_nan()).then_some(values)
}
