//! Result of tuning: the trials of each loss, the choice among them, and the tuned study.

mod choice;
mod files;

pub use choice::{Trial, ValidationCount, best_trial, collect_trials, count_correct};
pub use files::{tune_csv, tuned_text};
