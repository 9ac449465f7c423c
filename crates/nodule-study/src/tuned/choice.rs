//! Choice of the best trial of each loss: the one with most correct validation images over its seeds.

use std::collections::BTreeMap;

use nodule_eval::Metric;

use crate::plan::plan_grid;
use crate::records::FinishedRun;
use crate::settings::{Resolved, TUNING_READ_OUT};

/// One trial of one loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Loss.
    pub loss: String,
    /// Number of the trial; 0 has the study's own settings.
    pub number: usize,
    /// Validation images classified correctly, over all seeds. `None` if a seed is unfinished or diverged.
    pub correct: Option<usize>,
    /// Validation images of the finished seeds.
    pub images: usize,
}

impl Trial {
    /// Returns the mean validation accuracy over all seeds.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        Some(self.correct? as f64 / self.images as f64)
    }
}

/// Validation images of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidationCount {
    /// Images classified correctly.
    pub correct: usize,
    /// All images.
    pub images: usize,
}

/// Counts the validation images that each run classifies correctly, by run id. No other result of a run is used.
#[must_use]
pub fn count_correct(runs: &[FinishedRun]) -> BTreeMap<String, ValidationCount> {
    let count = |run: &FinishedRun| {
        let validation = &run.read_out(TUNING_READ_OUT)?.validation;
        let accuracy = validation.value(Metric::Accuracy)?;
        // Counts, because equal sums of accuracies may differ by rounding.
        let count = ValidationCount {
            correct: (accuracy * validation.n as f64).round() as usize,
            images: validation.n,
        };
        Some((run.record.run.clone(), count))
    };
    runs.iter().filter_map(count).collect()
}

/// Returns every trial of every loss, loss by loss in the study's order. `counts` has the finished runs by id.
#[must_use]
pub fn collect_trials(
    resolved: &Resolved,
    device_kind: &str,
    counts: &BTreeMap<String, ValidationCount>,
) -> Vec<Trial> {
    let grids: Vec<_> = resolved
        .variants
        .iter()
        .map(|variant| plan_grid(&variant.resolved, device_kind))
        .collect();
    let mut trials = Vec::new();
    for loss in &resolved.study.losses {
        for (number, grid) in grids.iter().enumerate() {
            let counts: Vec<_> = grid
                .iter()
                .filter(|run| run.loss.name == *loss)
                .map(|run| counts.get(&run.id))
                .collect();
            trials.push(Trial {
                loss: loss.clone(),
                number,
                correct: counts.iter().map(|count| Some((*count)?.correct)).sum(),
                images: counts.iter().flatten().map(|count| count.images).sum(),
            });
        }
    }
    trials
}

/// Returns the best trial of a loss, the first of equal ones, so that the study's own settings win ties. `None` if all
/// trials diverged.
#[must_use]
pub fn best_trial<'a>(trials: &'a [Trial], loss: &str) -> Option<&'a Trial> {
    trials
        .iter()
        .filter(|trial| trial.loss == loss && trial.correct.is_some())
        .reduce(|best, next| match next.correct > best.correct {
            true => next,
            false => best,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_best_trials_wins_and_diverged_trials_do_not_count() {
        let trial = |loss: &str, number, correct| Trial {
            loss: loss.into(),
            number,
            correct,
            images: 100,
        };
        let trials = [
            trial("ce", 0, Some(80)),
            trial("ce", 1, None),
            trial("ce", 2, Some(90)),
            trial("ce", 3, Some(90)),
            trial("supcon", 0, Some(95)),
            trial("supcon", 1, Some(95)),
            trial("triplet", 0, None),
        ];
        let best = |loss| best_trial(&trials, loss).map(|trial| trial.number);
        assert_eq!(best("ce"), Some(2));
        assert_eq!(best("supcon"), Some(0));
        assert_eq!(best("triplet"), None);
        assert_eq!(trials[2].accuracy(), Some(0.9));
    }
}
