//! Tables: every number of every run as CSV, and summary tables for reading.
//!
//! A new table of the grid is a file here, its `mod` line and a line in [`grid_tables`].

pub(crate) mod cross_validation;
pub(crate) mod decodability_sweep;
pub(crate) mod early_predictors;
mod equal_loss;
pub(crate) mod escape;
pub(crate) mod explorer;
pub(crate) mod formatting;
mod ideal_observer_gap;
mod map_faithfulness;
pub(crate) mod multiverse;
pub(crate) mod per_run;
pub(crate) mod power;
pub(crate) mod prose;
mod representation;
pub(crate) mod representation_similarity;
mod run_columns;
pub(crate) mod run_states;
pub(crate) mod salience;
pub(crate) mod sanity_checks;
mod seed_summaries;
mod table;
mod threshold_cost;
pub(crate) mod trends;
pub(crate) mod variance;
pub(crate) mod variants;
pub(crate) mod verdicts;

use nodule_analysis::Runs;
use nodule_analysis::Verdict;
use rayon::prelude::*;

use crate::Error;
use crate::topic::{Part, Topic, make_parts};

pub(crate) use table::{Source, Table};

/// Returns all tables of the grid.
pub(crate) fn grid_tables(runs: &Runs, verdicts: &[Verdict]) -> Result<Vec<(Topic, Table)>, Error> {
    let parts: [Part<Table>; 8] = [
        (Topic::Setup, &|| {
            Ok(verdicts::table(runs, verdicts).into_iter().collect())
        }),
        (Topic::QualityChecks, &|| {
            Ok(run_states::table(runs).into_iter().collect())
        }),
        (Topic::QualityChecks, &|| {
            Ok(vec![seed_summaries::validation(runs)?])
        }),
        (Topic::Reliance, &|| {
            Ok(vec![seed_summaries::reliance(runs)?])
        }),
        (Topic::SaliencyMaps, &|| map_faithfulness::tables(runs)),
        (Topic::Embedding, &|| representation::tables(runs)),
        (Topic::Robustness, &|| {
            Ok(equal_loss::table(runs)?.into_iter().collect())
        }),
        (Topic::Generalization, &|| {
            let trains = runs.study.train.par_iter();
            let tables = trains.map(|train| test_tables(runs, train.name()));
            Ok(tables
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        }),
    ];
    make_parts(&parts)
}

/// Returns the tables on test sets of one training distribution.
fn test_tables(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let mut tables = seed_summaries::test_metrics(runs, train)?;
    if let Some(read_out) = runs.main_read_out() {
        tables.push(ideal_observer_gap::table(runs, train, read_out)?);
        tables.push(threshold_cost::table(runs, train, read_out)?);
    }
    Ok(tables)
}
