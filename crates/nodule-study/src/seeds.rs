//! Seeds of runs and of the data that runs share, derived by name.

use nodule_seed::derive;
use serde::{Deserialize, Serialize};

use crate::records::RunSeeds;

/// Seed numbers of a run by purpose, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedNumbers {
    /// Training and validation images.
    pub data: usize,
    /// Initial weights.
    pub weights: usize,
    /// Order of the samples.
    pub order: usize,
}

impl SeedNumbers {
    /// Returns the same number for all purposes.
    #[must_use]
    pub fn all(number: usize) -> Self {
        Self {
            data: number,
            weights: number,
            order: number,
        }
    }
}

/// Derives the seeds of a run that trains on the set `train`. They are the same for every loss.
///
/// ```
/// use nodule_study::plan::{SeedNumbers, derive_run_seeds};
///
/// let first = derive_run_seeds(2021, SeedNumbers::all(0), "both");
/// let second = derive_run_seeds(2021, SeedNumbers::all(1), "both");
/// assert_ne!(first.weights, second.weights);
/// ```
#[must_use]
pub fn derive_run_seeds(root: u64, numbers: SeedNumbers, train: &str) -> RunSeeds {
    let derive_named = |number: usize, names: &[&str]| {
        let run = derive(root, &["run", &number.to_string()]);
        derive(run, names)
    };
    RunSeeds {
        train_data: derive_named(numbers.data, &["data", "train", train]),
        validation_data: derive_named(numbers.data, &["data", "validation", train]),
        weights: derive_named(numbers.weights, &["weights"]),
        order: derive_named(numbers.order, &["order"]),
    }
}

/// Derives the seed of a set that all runs share.
#[must_use]
pub fn derive_shared_seed(root: u64, purpose: &str, name: &str) -> u64 {
    derive(root, &["shared", purpose, name])
}
