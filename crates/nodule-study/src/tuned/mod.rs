//! Which settings of each loss were chosen by its trials, and where does that stand?

mod choice;
mod files;

pub use choice::{Tried, best, right_by_run, tried};
pub use files::{tune_csv, tuned_text};
