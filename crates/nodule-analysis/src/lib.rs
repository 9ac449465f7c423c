#![doc = include_str!("../README.md")]

pub mod cross_validation;
pub mod dose_response;
pub mod early_predictors;
pub mod endpoints;
pub mod equal_loss;
mod equivalence;
pub mod flat_settings;
mod learning_state;
mod least_squares;
pub mod map_faithfulness;
mod means;
pub mod multiverse;
pub mod plane;
mod planned_runs;
pub mod pooling;
pub mod power;
pub mod replication;
mod ruling;
mod run_coverage;
mod runs;
pub mod salience_sweep;
pub mod sweep;
pub mod sweep_differences;
pub mod threshold_cost;
pub mod trends;
pub mod variance;
pub mod variants;
mod verdicts;

pub use equivalence::Equivalence;
pub use learning_state::{LearningState, failed_state, learning_state, state_reason};
pub use means::{Mean, mean};
pub use nodule_study::Error;
pub use planned_runs::PlannedRuns;
pub use ruling::Ruling;
pub use run_coverage::{LearnedOnly, RunCoverage};
pub use runs::Runs;
pub use verdicts::{Verdict, judge, judge_all_runs, judge_claims, verdict_lines};

/// Returns the items without duplicates, in order of first appearance.
///
/// ```
/// assert_eq!(nodule_analysis::unique(["both", "shape", "both"]), ["both", "shape"]);
/// ```
pub fn unique<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for item in items {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}
