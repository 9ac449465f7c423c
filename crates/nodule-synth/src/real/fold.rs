//! The held-out fold: groups of real images, such as patients, that training must not see.

use std::collections::BTreeMap;

use nodule_seed::derive;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::setting;

/// Maximum number of folds.
const MAX_FOLDS: usize = 100;

/// The held-out fold, whose groups are used for tests only.
///
/// Folds of images with labels are [balanced](balance_folds). The fold of any other group is a hash of its name, so it is
/// the same in every file and study, and folds are only about equal in size.
///
/// ```
/// use nodule_synth::Fold;
///
/// let folds = (0..3).map(|fold| Fold { folds: 3, fold, ..Fold::default() });
/// assert_eq!(folds.filter(|fold| fold.contains("patient 7")).count(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fold {
    /// Number of folds, 2 to 100.
    pub folds: usize,
    /// Index of the held-out fold, from 0.
    pub fold: usize,
    /// Fold of each group that has one of its own, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, usize>,
}

impl Default for Fold {
    /// The first of three.
    fn default() -> Self {
        Self {
            folds: 3,
            fold: 0,
            groups: BTreeMap::new(),
        }
    }
}

impl Fold {
    /// Returns whether the group of that name is held out.
    #[must_use]
    pub fn contains(&self, group: &str) -> bool {
        let own = self.groups.get(group).copied();
        own.unwrap_or_else(|| fold_index(group, self.folds)) == self.fold
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Setting`] with the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let error = |field: &str, value: usize, allowed: String| {
            Err(setting("held_out", field, value, allowed))
        };
        if !(2..=MAX_FOLDS).contains(&self.folds) {
            let allowed = format!("a whole number from 2 to {MAX_FOLDS}");
            return error("folds", self.folds, allowed);
        }
        if self.fold >= self.folds {
            let allowed = format!("a whole number from 0 to {}", self.folds - 1);
            return error("fold", self.fold, allowed);
        }
        if let Some((group, fold)) = self.groups.iter().find(|(_, fold)| **fold >= self.folds) {
            let allowed = format!("a whole number from 0 to {}", self.folds - 1);
            return error(&format!("groups.{group}"), *fold, allowed);
        }
        Ok(())
    }
}

/// Returns a fold for each group, so that every fold has about the same share of each number: of groups, and of each entry
/// of `sizes`, such as the images of each class in each file.
///
/// Groups are assigned one by one, the largest first and those of equal size in a random order by `seed`, each to the
/// fold whose sum of squared shares grows least (*ours*; after the stratified group k-fold of scikit-learn).
///
/// ```
/// use nodule_synth::balance_folds;
///
/// let sizes = (0..40).map(|i| (format!("p{i}"), vec![3 * (i % 2), 3 * ((i + 1) % 2)]));
/// let folds = balance_folds(&sizes.collect(), 5, 0);
/// assert!((0..5).all(|fold| folds.values().filter(|f| **f == fold).count() == 8));
/// ```
#[must_use]
pub fn balance_folds(
    sizes: &BTreeMap<String, Vec<usize>>,
    folds: usize,
    seed: u64,
) -> BTreeMap<String, usize> {
    let width = sizes.values().map(Vec::len).max().unwrap_or(0);
    let total = |entry: usize| -> usize { sizes.values().filter_map(|size| size.get(entry)).sum() };
    let totals: Vec<f64> = (0..width).map(|entry| total(entry).max(1) as f64).collect();
    // Shares of a group; the last one is its share of the groups.
    let shares = |size: &[usize]| -> Vec<f64> {
        let shares = totals.iter().enumerate();
        let shares = shares.map(|(i, total)| size.get(i).map_or(0.0, |n| *n as f64 / total));
        shares.chain([1.0 / sizes.len() as f64]).collect()
    };
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let mut groups: Vec<_> = sizes
        .iter()
        .map(|(name, size)| (name, shares(size), derive(seed, &["balanced", name])))
        .collect();
    groups.sort_by(|a, b| {
        dot(&b.1, &b.1)
            .total_cmp(&dot(&a.1, &a.1))
            .then(a.2.cmp(&b.2))
    });
    let mut loads = vec![vec![0.0; width + 1]; folds];
    let assign = |(name, shares, order): (&String, Vec<f64>, u64)| {
        // Folds that are equally loaded are taken in a random order, so that none has all the largest groups.
        let rank = |fold: usize| (fold as u64).wrapping_add(order) % folds.max(1) as u64;
        let growth = |fold: usize| dot(&loads[fold], &shares);
        let best = (0..folds).min_by(|a, b| {
            let by_growth = growth(*a).total_cmp(&growth(*b));
            by_growth.then(rank(*a).cmp(&rank(*b)))
        });
        let best = best.unwrap_or(0);
        if let Some(load) = loads.get_mut(best) {
            load.iter_mut()
                .zip(&shares)
                .for_each(|(load, share)| *load += share);
        }
        (name.clone(), best)
    };
    groups.into_iter().map(assign).collect()
}

/// Returns the fold of a group. Each fold is equally probable, whatever the names look like.
fn fold_index(group: &str, folds: usize) -> usize {
    (derive(0, &["held-out", group]) % folds.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(folds: usize, fold: usize) -> Fold {
        let groups = BTreeMap::new();
        Fold {
            folds,
            fold,
            groups,
        }
    }

    fn range(counts: &[usize]) -> usize {
        counts.iter().max().unwrap() - counts.iter().min().unwrap()
    }

    #[test]
    fn balanced_folds_have_equal_shares_of_images_of_each_class_and_of_groups() {
        // Groups of 1 to 6 images; a third of the groups has one class, the others both.
        let size = |i: usize| match i % 3 {
            0 => vec![1 + i % 6, 0],
            1 => vec![0, 1 + i % 6],
            _ => vec![2, 1 + i % 4],
        };
        let sizes: BTreeMap<_, _> = (0..47).map(|i| (format!("P{i}"), size(i))).collect();
        for (folds, seed) in [(2, 0), (4, 1), (5, 9)] {
            let assigned = balance_folds(&sizes, folds, seed);
            assert_eq!(assigned.len(), sizes.len());
            for entry in 0..2 {
                let images = |fold| -> usize {
                    let members = sizes.iter().filter(|(name, _)| assigned[*name] == fold);
                    members.map(|(_, size)| size[entry]).sum()
                };
                let counts: Vec<_> = (0..folds).map(images).collect();
                // Half of the largest group.
                assert!(range(&counts) <= 3, "{counts:?}");
            }
            let groups = |fold| assigned.values().filter(|f| **f == fold).count();
            let counts: Vec<_> = (0..folds).map(groups).collect();
            assert!(range(&counts) <= 2, "{counts:?}");
        }
        assert_eq!(balance_folds(&sizes, 5, 3), balance_folds(&sizes, 5, 3));
        assert_ne!(balance_folds(&sizes, 5, 3), balance_folds(&sizes, 5, 4));
    }

    #[test]
    fn a_group_with_a_fold_of_its_own_ignores_the_hash() {
        let mut fold = select(3, 1);
        let mut names = (0..).map(|i| format!("p{i}"));
        let name = names.find(|name| !fold.contains(name)).unwrap();
        fold.groups.insert(name.clone(), 1);
        assert!(fold.contains(&name));
        fold.groups.insert(name, 3);
        let message = fold.validate().unwrap_err().to_string();
        let range = "= 3: must be a whole number from 0 to 2";
        assert!(message.contains(range), "{message}");
    }

    #[test]
    fn every_group_is_in_one_fold_and_folds_are_about_equal() {
        let names: Vec<_> = (0..3000).map(|i| format!("LIDC-IDRI-{i:04}")).collect();
        for folds in [2, 3, 5] {
            let contains = |fold, name: &str| select(folds, fold).contains(name);
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
        let error = |folds, fold| select(folds, fold).validate().unwrap_err().to_string();
        assert!(error(1, 0).contains("folds = 1: must be a whole number from 2 to 100"));
        assert!(error(5, 5).contains("fold = 5: must be a whole number from 0 to 4"));
        assert!(Fold::default().validate().is_ok());
    }
}
