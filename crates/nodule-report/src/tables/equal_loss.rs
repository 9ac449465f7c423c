//! Losses compared after equally many epochs, and at equal validation loss.

use nodule_study::records::TimelinePoint;
use nodule_study::text::{format_number, format_p_value};
use rayon::prelude::*;

use super::Table;
use super::cells::{interval_text, texts};
use super::source::Source;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::equal_loss::{Comparison, Moment, compare};

/// What is compared.
type Measure = (&'static str, fn(&TimelinePoint) -> f64);

/// The first loss against every other one, where the study has timelines.
pub(crate) fn table(runs: &Runs) -> Result<Option<Table>, Error> {
    if runs
        .all
        .iter()
        .all(|run| run.evaluation.timeline.is_empty())
    {
        return Ok(None);
    }
    let measures: [Measure; 3] = [
        ("shape reliance in spreads", |p| p.shape),
        ("texture reliance in spreads", |p| p.texture),
        ("accuracy on shape alone", |p| p.shape_only),
    ];
    let moments = [
        ("equal epochs", Moment::End),
        ("equal validation loss", Moment::EqualLoss),
    ];
    let losses = runs.study.losses.split_first();
    let (first, others) = losses.map_or(("", &[][..]), |(first, others)| (first, others));
    let mut wanted = Vec::new();
    for train in runs.study.train_names() {
        for other in others {
            for measure in measures {
                wanted.extend(moments.map(|moment| (train, other, measure, moment)));
            }
        }
    }
    let compared = wanted.par_iter().map(|(train, other, measure, moment)| {
        let found = compare(runs, train, (first, other), moment.1, measure.1)?;
        Ok(found.map(|comparison| {
            let losses = format!("{first} minus {other}");
            let head = [
                (*train).to_owned(),
                losses,
                measure.0.into(),
                moment.0.into(),
            ];
            [head.to_vec(), numbers(&comparison)].concat()
        }))
    });
    let rows = compared.collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(Table {
        source: Source::whole("timeline", 5),
        name: "matched".into(),
        caption: "Losses compared after equally many epochs, and at equal validation loss: each run at the first epoch that reaches the lowest loss which both runs of that seed reach. The loss is the mean logistic loss of the centroid read-out's decision in spreads, one unit for all. Difference with its 95% bootstrap interval over n training seeds; p of a sign-flip test, not corrected: these comparisons explain, they decide nothing.".into(),
        header: texts(&["train", "losses", "what", "compared at", "mean epochs", "difference", "95% interval", "p", "n"]),
        rows: rows.into_iter().flatten().collect(),
    }))
}

fn numbers(comparison: &Comparison) -> Vec<String> {
    vec![
        format!("{:.1}, {:.1}", comparison.epochs.0, comparison.epochs.1),
        format_number(comparison.effect),
        interval_text(comparison.interval),
        format_p_value(comparison.p),
        comparison.n.to_string(),
    ]
}
