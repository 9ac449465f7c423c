//! The choice: of each loss the trial that decides most validation images rightly, over its seeds.

use std::collections::BTreeMap;

use nodule_eval::Metric;

use crate::plan::grid;
use crate::records::FinishedRun;
use crate::settings::{Resolved, TUNED_BY};

/// One trial of one loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The loss.
    pub loss: String,
    /// The trial, from 0: the study's own settings.
    pub trial: usize,
    /// Validation images that its networks decide rightly, over all seeds; none if one of them has no
    /// end, because it diverged.
    pub right: Option<usize>,
    /// Of how many, in the networks that have come to their end.
    pub images: usize,
}

impl Tried {
    /// Mean validation accuracy over its seeds.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        Some(self.right? as f64 / self.images as f64)
    }
}

/// How many validation images each of these runs decides rightly, and of how many, by its id. Nothing else of
/// a run is looked at.
#[must_use]
pub fn right_by_run(runs: &[FinishedRun]) -> BTreeMap<String, (usize, usize)> {
    let right = |run: &FinishedRun| {
        let validation = &run.read_out(TUNED_BY)?.validation;
        let share = validation.value(Metric::Accuracy)?;
        // A count again: whole numbers tie, sums of shares may not.
        let right = (share * validation.n as f64).round() as usize;
        Some((run.record.run.clone(), (right, validation.n)))
    };
    runs.iter().filter_map(right).collect()
}

/// Every trial of every loss of `resolved`, loss by loss in the study's order; `right` by run.
#[must_use]
pub fn tried(
    resolved: &Resolved,
    device_kind: &str,
    right: &BTreeMap<String, (usize, usize)>,
) -> Vec<Tried> {
    let trials = resolved.variants.iter();
    let trials: Vec<_> = trials.map(|v| grid(&v.resolved, device_kind)).collect();
    let of = |loss: &String, trial: usize| {
        let runs = trials[trial].iter().filter(|run| run.loss.name == *loss);
        let found: Vec<_> = runs.map(|run| right.get(&run.id).copied()).collect();
        Tried {
            loss: loss.clone(),
            trial,
            images: found.iter().flatten().map(|(_, images)| images).sum(),
            right: found
                .into_iter()
                .map(|one| one.map(|(right, _)| right))
                .sum(),
        }
    };
    let losses = resolved.study.losses.iter();
    let all = losses.flat_map(|loss| (0..trials.len()).map(move |trial| (loss, trial)));
    all.map(|(loss, trial)| of(loss, trial)).collect()
}

/// The best trial of that loss; of several the first, so that the study's own settings stay where nothing
/// beats them. None if all of them diverged.
#[must_use]
pub fn best<'a>(tried: &'a [Tried], loss: &str) -> Option<&'a Tried> {
    let of_loss = tried.iter().filter(|t| t.loss == loss && t.right.is_some());
    of_loss.reduce(|best, next| if next.right > best.right { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried_one(loss: &str, trial: usize, right: Option<usize>) -> Tried {
        Tried {
            loss: loss.into(),
            trial,
            right,
            images: 100,
        }
    }

    #[test]
    fn the_first_of_the_best_is_chosen_and_none_that_diverged() {
        let all = [
            tried_one("ce", 0, Some(80)),
            tried_one("ce", 1, None),
            tried_one("ce", 2, Some(90)),
            tried_one("ce", 3, Some(90)),
            tried_one("supcon", 0, Some(95)),
            tried_one("supcon", 1, Some(95)),
            tried_one("triplet", 0, None),
        ];
        let trial = |loss| best(&all, loss).map(|t| t.trial);
        assert_eq!(trial("ce"), Some(2));
        assert_eq!(trial("supcon"), Some(0));
        assert_eq!(trial("triplet"), None);
        assert_eq!(all[2].accuracy(), Some(0.9));
    }
}
