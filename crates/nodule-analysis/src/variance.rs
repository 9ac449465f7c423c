//! Where the variance between runs comes from: data, initial weights and order of samples, crossed.

use ndarray::Array3;
use nodule_eval::ReadOut;
use nodule_eval::statistics::{VarianceComponents, mean_sd, variance_components};
use nodule_study::RunSpec;
use nodule_study::plan::SeedNumbers;
use nodule_study::records::FinishedRun;
use nodule_study::settings::{Crossed, Endpoint};

use super::endpoint::value;
use crate::Error;
use crate::planned::PlannedRuns;

/// A run whose data, weights and order have seeds of their own.
#[derive(Clone, Copy)]
pub struct CrossedRun<'a> {
    pub seeds: SeedNumbers,
    pub run: &'a FinishedRun,
}

/// The parts of one number's variance for one loss.
pub struct VarianceRow {
    pub train: String,
    /// The endpoint's title.
    pub measure: String,
    pub loss: String,
    /// Over all runs.
    pub mean: f64,
    /// In the square of the endpoint's unit.
    pub parts: VarianceComponents,
}

/// Those of `specs` that are finished; those with three equal seeds are the grid's own runs.
pub fn crossed_runs<'a>(specs: &[RunSpec], planned: &'a PlannedRuns<'a>) -> Vec<CrossedRun<'a>> {
    let of_spec = |spec: &RunSpec| {
        let seeds = spec.crossed.unwrap_or(SeedNumbers::all(spec.seed));
        planned.find(&spec.id).map(|run| CrossedRun { seeds, run })
    };
    specs.iter().filter_map(of_spec).collect()
}

/// The parts of every endpoint's variance, under one read-out; `runs` are all that were asked for.
pub fn variances(
    wanted: &Crossed,
    runs: &[CrossedRun],
    endpoints: &[Endpoint],
    read_out: ReadOut,
) -> Result<Vec<VarianceRow>, Error> {
    let mut rows = Vec::new();
    for train in &wanted.train {
        for endpoint in endpoints {
            for loss in &wanted.losses {
                let own = runs.iter().filter(|crossed| {
                    let record = &crossed.run.record;
                    record.train == *train && record.loss == *loss
                });
                let Some(values) = cube(wanted.seeds, own, endpoint, read_out) else {
                    continue;
                };
                let all: Vec<f64> = values.iter().copied().collect();
                let parts = mean_sd(&all)?.zip(variance_components(values.view())?);
                rows.extend(parts.map(|(found, parts)| VarianceRow {
                    train: train.clone(),
                    measure: endpoint.title(),
                    loss: loss.clone(),
                    mean: found.mean,
                    parts,
                }));
            }
        }
    }
    Ok(rows)
}

/// The endpoint by data, weights and order; none where a run lacks it or is missing.
fn cube<'a>(
    n: usize,
    runs: impl Iterator<Item = &'a CrossedRun<'a>>,
    endpoint: &Endpoint,
    read_out: ReadOut,
) -> Option<Array3<f64>> {
    let mut values = Array3::from_elem((n, n, n), f64::NAN);
    for CrossedRun { seeds, run } in runs {
        let place = [seeds.data, seeds.weights, seeds.order];
        *values.get_mut(place)? = value(run, endpoint, read_out)?;
    }
    values.iter().all(|v| !v.is_nan()).then_some(values)
}
