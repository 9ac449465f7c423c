//! Differences between losses after equally many epochs, and at equal validation loss.

use nodule_analysis::Runs;
use nodule_analysis::equal_loss::{Comparison, Moment, compare};
use nodule_study::records::TimelinePoint;
use nodule_study::text::{format_number, format_p_value};
use rayon::prelude::*;

use super::formatting::{interval_text, optional, strings};
use super::{Source, Table};
use crate::Error;

/// Name and number of a quantity.
type Measure = (&'static str, fn(&TimelinePoint) -> f64);

const MEASURES: [Measure; 3] = [
    ("reliance on shape (SD units)", |p| p.shape),
    ("reliance on texture (SD units)", |p| p.texture),
    ("accuracy on shape-only", |p| p.shape_only),
];
const MOMENTS: [(&str, Moment); 2] = [
    ("equal epochs", Moment::End),
    ("equal validation loss", Moment::EqualLoss),
];

/// Returns the first loss against every other one; `None` if the study records no timelines.
pub(crate) fn table(runs: &Runs) -> Result<Option<Table>, Error> {
    let mut timelines = runs.all.iter().map(|run| &run.evaluation.timeline);
    if timelines.all(Vec::is_empty) {
        return Ok(None);
    }
    let Some((first, others)) = runs.study.losses.split_first() else {
        return Ok(None);
    };
    let mut comparisons = Vec::new();
    for train in runs.study.train_names() {
        for other in others {
            for measure in MEASURES {
                comparisons.extend(MOMENTS.map(|moment| (train, other, measure, moment)));
            }
        }
    }
    let rows = comparisons
        .par_iter()
        .map(|(train, other, measure, moment)| {
            let found = compare(runs, train, (first, other), moment.1, measure.1)?;
            Ok(found.map(|comparison| {
                let losses = format!("{first} minus {other}");
                let head = strings(&[train, &losses, measure.0, moment.0]);
                [head, number_cells(&comparison)].concat()
            }))
        });
    let rows = rows.collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(Table {
        name: "matched".into(),
        caption: "Differences between losses after equally many epochs and at equal validation loss. Equal validation loss: each run at the first epoch that reaches the lowest loss which both runs of that seed reach. Validation loss is the mean logistic loss of the nearest-centroid classifier's decision score in SD units, which has the same unit for all training losses. Difference with its 95% bootstrap interval over n training seeds; p of a sign-flip test, not corrected: exploratory, not part of the verdicts.".into(),
        header: strings(&[
            "training set",
            "losses",
            "measure",
            "compared at",
            "mean epochs",
            "difference",
            "95% interval",
            "p",
            "n",
        ]),
        rows: rows.into_iter().flatten().collect(),
        source: Source::whole("timeline"),
    }))
}

fn number_cells(comparison: &Comparison) -> Vec<String> {
    let (epochs, evidence) = (comparison.epochs, &comparison.evidence);
    vec![
        format!("{:.1}, {:.1}", epochs.0, epochs.1),
        optional(evidence.effect, format_number),
        interval_text(evidence.interval),
        optional(evidence.p, format_p_value),
        evidence.n.to_string(),
    ]
}
