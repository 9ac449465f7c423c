//! The seeds of runs and of what runs share: derived by name.

use nodule_seed::derive;
use serde::{Deserialize, Serialize};

use crate::records::RunSeeds;

/// Which seed of each kind a run has, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedNumbers {
    /// Of the training and validation images.
    pub data: usize,
    /// Of the initial weights.
    pub weights: usize,
    /// Of the order of the samples.
    pub order: usize,
}

impl SeedNumbers {
    /// The same number for all three.
    #[must_use]
    pub fn all(number: usize) -> Self {
        Self {
            data: number,
            weights: number,
            order: number,
        }
    }
}

/// The seeds of a run that trains on the distribution called `train`: the same for every loss.
#[must_use]
pub fn run_seeds(root: u64, numbers: SeedNumbers, train: &str) -> RunSeeds {
    let of = |number: usize, names: &[&str]| {
        let run = derive(root, &["run", &number.to_string()]);
        derive(run, names)
    };
    RunSeeds {
        train_data: of(numbers.data, &["data", "train", train]),
        validation_data: of(numbers.data, &["data", "validation", train]),
        weights: of(numbers.weights, &["weights"]),
        order: of(numbers.order, &["order"]),
    }
}

/// The seed of a set that all runs share.
#[must_use]
pub fn shared_seed(root: u64, purpose: &str, name: &str) -> u64 {
    derive(root, &["shared", purpose, name])
}
