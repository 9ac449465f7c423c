//! Which groups of real images, such as patients, are held out of training.

use nodule_seed::derive;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// More folds than anyone trains on.
const MOST_FOLDS: usize = 100;

/// One fold of several: its groups are for tests alone. A group's fold is told by its name and by nothing
/// else, so that it is the same in every file and study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// How many folds there are, from 2 to 100.
    pub folds: usize,
    /// Which one is held out, from 0.
    pub fold: usize,
}

impl Default for HeldOut {
    /// The first of three.
    fn default() -> Self {
        Self { folds: 3, fold: 0 }
    }
}

impl HeldOut {
    /// Whether the group of that name is held out.
    #[must_use]
    pub fn holds(&self, group: &str) -> bool {
        fold_of(group, self.folds) == self.fold
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse =
            |field, value, allowed: String| Err(setting("held_out", field, value, allowed));
        if !(2..=MOST_FOLDS).contains(&self.folds) {
            let allowed = format!("a whole number from 2 to {MOST_FOLDS}");
            return refuse("folds", self.folds, allowed);
        }
        if self.fold >= self.folds {
            let allowed = format!("a whole number from 0 to {}", self.folds - 1);
            return refuse("fold", self.fold, allowed);
        }
        Ok(())
    }
}

/// The fold of a group: each as probable as any other, whatever the names are like.
fn fold_of(group: &str, folds: usize) -> usize {
    (derive(0, &["held-out", group]) % folds.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_held_out_in_one_fold_and_folds_are_about_equal() {
        let names: Vec<_> = (0..3000).map(|i| format!("LIDC-IDRI-{i:04}")).collect();
        for folds in [2, 3, 5] {
            let held = |fold, name: &str| HeldOut { folds, fold }.holds(name);
            for name in &names {
                assert_eq!((0..folds).filter(|fold| held(*fold, name)).count(), 1);
            }
            for fold in 0..folds {
                let of_fold = names.iter().filter(|name| held(fold, name)).count();
                // Five deviations of a binomial count.
                let expected = 3000.0 / folds as f64;
                assert!((of_fold as f64 - expected).abs() < 5.0 * expected.sqrt());
            }
        }
    }

    #[test]
    fn folds_that_there_are_not_are_named() {
        let refused = |folds, fold| HeldOut { folds, fold }.validate().unwrap_err().to_string();
        assert!(refused(1, 0).contains("folds = 1: must be a whole number from 2 to 100"));
        assert!(refused(5, 5).contains("fold = 5: must be a whole number from 0 to 4"));
        assert!(HeldOut::default().validate().is_ok());
    }
}
