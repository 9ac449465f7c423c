//! The networks whose outputs the report shows.

use nodule_study::{RunSpec, Study};

/// Most seeds per loss and training set.
const MAX_SEEDS: usize = 3;
/// Most networks whose maps a page can hold and still open quickly.
const MAX_NETWORKS: usize = 45;

/// Returns the number of first seeds that the report shows: fewer with many networks per seed.
pub(crate) fn report_seeds(study: &Study) -> usize {
    let per_seed = (study.train.len() * study.losses.len()).max(1);
    let seeds = (MAX_NETWORKS / per_seed).clamp(1, MAX_SEEDS);
    study.seeds.min(seeds)
}

/// Returns whether a report of `study` shows the network of that run.
pub(crate) fn is_in_report(study: &Study, spec: &RunSpec) -> bool {
    let is_in_grid = spec.variant.is_none() && spec.crossed.is_none();
    is_in_grid && spec.seed < report_seeds(study)
}
