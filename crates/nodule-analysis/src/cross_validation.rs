//! Cross-validation: the held-out predictions of all folds that a study varies, taken together.

use std::collections::{BTreeMap, BTreeSet};

use nodule_eval::{CrossValidatedMetric, HeldOutPredictions, ReadOut, cross_validated};
use nodule_seed::derive;
use nodule_study::records::{FinishedRun, HeldOutScores};

use crate::Error;
use crate::unique;
use crate::variants::{FOLD, VariantRuns};

/// Draws of the bootstrap.
const RESAMPLES: usize = 2000;

/// Metrics of one training set, loss, classifier and test set over all folds and seeds.
pub struct CrossValidation {
    /// Changed settings other than the fold, as text; empty for the study as declared.
    pub change: String,
    /// Training set.
    pub train: String,
    /// Loss.
    pub loss: String,
    /// Classifier.
    pub read_out: ReadOut,
    /// Test set.
    pub test: String,
    /// Number of folds that are held out in turn.
    pub folds: usize,
    /// Number of folds of the study.
    pub all_folds: usize,
    /// Number of seeds with finished runs of all those folds.
    pub seeds: usize,
    /// Number of images that are held out once.
    pub images: usize,
    /// Number of their groups, such as patients.
    pub groups: usize,
    /// Metrics with intervals over groups.
    pub metrics: Vec<CrossValidatedMetric>,
}

/// Finished runs of one fold.
struct FoldRuns<'v, 'a> {
    fold: usize,
    variant: &'v VariantRuns<'a>,
}

/// Returns the cross-validations of the study and of its variants, the study's own first; empty if the study does not
/// vary the held-out fold. Training sets whose runs hold out no groups have none.
///
/// # Errors
/// If a score is not finite.
pub fn cross_validate(variants: &[VariantRuns]) -> Result<Vec<CrossValidation>, Error> {
    let changes = unique(variants.iter().map(other_changes));
    let mut rows = Vec::new();
    for change in changes {
        let of_change = variants.iter().filter(|v| other_changes(v) == change);
        let folds: Vec<_> = of_change
            .map(|variant| FoldRuns {
                fold: variant.runs.study.fold().fold,
                variant,
            })
            .collect();
        if folds.len() < 2 {
            continue;
        }
        let study = folds[0].variant.runs.study;
        for train in study.train_names() {
            for loss in &study.losses {
                rows.extend(cross_validate_loss(&folds, &change, train, loss)?);
            }
        }
    }
    Ok(rows)
}

/// Returns the changes of a variant other than the fold, as text.
fn other_changes(variant: &VariantRuns) -> String {
    let changes = variant.changes.iter().filter(|(key, _)| key != FOLD);
    let changes: Vec<_> = changes
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    changes.join(", ")
}

/// Returns one row per classifier and test set with held-out images.
fn cross_validate_loss(
    folds: &[FoldRuns],
    change: &str,
    train: &str,
    loss: &str,
) -> Result<Vec<CrossValidation>, Error> {
    let study = folds[0].variant.runs.study;
    let mut scores = BTreeMap::<(usize, usize), Vec<&HeldOutScores>>::new();
    let mut seeds = 0;
    let tests = folds[0].variant.runs.tests();
    for seed in 0..study.seeds {
        let runs = folds.iter().map(|fold| fold.run(train, loss, seed));
        // A seed with a missing fold would count some groups and not others.
        let Some(runs) = runs.collect::<Option<Vec<_>>>() else {
            continue;
        };
        seeds += 1;
        for (i, read_out) in study.read_outs.iter().enumerate() {
            for (j, test) in tests.iter().enumerate() {
                let held_out = runs.iter().filter_map(|run| {
                    let test = run.read_out(*read_out)?.test(test)?;
                    test.held_out.as_ref()
                });
                scores.entry((i, j)).or_default().extend(held_out);
            }
        }
    }
    let rows = scores.into_iter().filter(|(_, models)| !models.is_empty());
    rows.map(|((i, j), models)| {
        let predictions = models.iter().map(|model| HeldOutPredictions {
            scores: &model.scores,
            labels: &model.labels,
            groups: &model.groups,
        });
        let predictions: Vec<_> = predictions.collect();
        let (read_out, test) = (study.read_outs[i], tests[j]);
        let path = ["cross-validation", change, train, test];
        let all: usize = models.iter().map(|model| model.labels.len()).sum();
        let groups: BTreeSet<_> = models.iter().flat_map(|model| &model.groups).collect();
        Ok(CrossValidation {
            change: change.to_owned(),
            train: train.to_owned(),
            loss: loss.to_owned(),
            read_out,
            test: test.to_owned(),
            folds: folds.len(),
            all_folds: study.fold().folds,
            seeds,
            images: all / seeds,
            groups: groups.len(),
            // The same draws for every loss and classifier.
            metrics: cross_validated(&predictions, RESAMPLES, derive(study.root_seed, &path))?,
        })
    })
    .collect()
}

impl<'a> FoldRuns<'_, 'a> {
    /// Returns the run of this fold, if it is finished and holds the fold out. Runs on generated images may hold out none;
    /// variants share them.
    fn run(&self, train: &str, loss: &str, seed: usize) -> Option<&'a FinishedRun> {
        let run = self.variant.runs.find(train, loss, seed)?;
        let held_out = run.record.settings.get("held_out")?;
        let fold = held_out.get("fold")?.as_u64()?;
        (fold == self.fold as u64).then_some(run)
    }
}
