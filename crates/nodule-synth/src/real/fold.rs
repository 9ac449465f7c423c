//! The held-out fold: groups of real images, such as patients, that training must not see.

use nodule_seed::derive;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// Maximum number of folds.
const MAX_FOLDS: usize = 100;

/// The held-out fold, whose groups are used for tests only.
///
/// A group's fold is a hash of its name, so it is the same in every file and study. Folds are therefore only about
/// equal in size.
///
/// ```
/// use nodule_synth::Fold;
///
/// let folds = (0..3).map(|fold| Fold { folds: 3, fold });
/// assert_eq!(folds.filter(|fold| fold.contains("patient 7")).count(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// Number of folds, 2 to 100.
    pub folds: usize,
    /// Index of the held-out fold, from 0.
    pub fold: usize,
}

impl Default for Fold {
    /// The first of three.
    fn default() -> Self {
        Self { folds: 3, fold: 0 }
    }
}

impl Fold {
    /// Returns whether the group of that name is held out.
    #[must_use]
    pub fn contains(&self, group: &str) -> bool {
        fold_index(group, self.folds) == self.fold
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Setting`] with the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let error = |field, value, allowed: String| Err(setting("held_out", field, value, allowed));
        if !(2..=MAX_FOLDS).contains(&self.folds) {
            let allowed = format!("a whole number from 2 to {MAX_FOLDS}");
            return error("folds", self.folds, allowed);
        }
        if self.fold >= self.folds {
            let allowed = format!("a whole number from 0 to {}", self.folds - 1);
            return error("fold", self.fold, allowed);
        }
        Ok(())
    }
}

/// Returns the fold of a group. Each fold is equally probable, whatever the names look like.
fn fold_index(group: &str, folds: usize) -> usize {
    (derive(0, &["held-out", group]) % folds.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_in_one_fold_and_folds_are_about_equal() {
        let names: Vec<_> = (0..3000).map(|i| format!("LIDC-IDRI-{i:04}")).collect();
        for folds in [2, 3, 5] {
            let contains = |fold, name: &str| Fold { folds, fold }.contains(name);
            for name in &names {
                assert_eq!((0..folds).filter(|fold| contains(*fold, name)).count(), 1);
            }
            for fold in 0..folds {
                let count = names.iter().filter(|name| contains(fold, name)).count();
                // Five standard deviations of a binomial count.
                let expected = 3000.0 / folds as f64;
                assert!((count as f64 - expected).abs() < 5.0 * expected.sqrt());
            }
        }
    }

    #[test]
    fn rejects_folds_that_do_not_exist() {
        let error = |folds, fold| Fold { folds, fold }.validate().unwrap_err().to_string();
        assert!(error(1, 0).contains("folds = 1: must be a whole number from 2 to 100"));
        assert!(error(5, 5).contains("fold = 5: must be a whole number from 0 to 4"));
        assert!(Fold::default().validate().is_ok());
    }
}
