//! Summaries over training seeds: accuracy in distribution, reliance, and metrics on every test set.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::MODES;
use nodule_eval::statistics::Interval;
use nodule_eval::{Estimate, Metric};
use nodule_study::claims::{Endpoint, EndpointKind, Flipped, Share};
use nodule_study::records::{FinishedRun, TestEvaluation};
use nodule_synth::Mode;

use super::formatting::{
    estimate_text, mean_interval_text, mean_sd_text, metric_note, rows_by_classifier, with_losses,
};
use super::{Source, Table};
use crate::Error;
use crate::endpoints::reliance_on;
use crate::text::{trained_on, training_set, validation_images};

/// Metrics that have a table of every test set, with a note on the conflict tests.
const TEST_METRICS: [(Metric, &str); 2] = [
    (
        Metric::Accuracy,
        "For the conflict tests: share classified as each rule labels",
    ),
    (
        Metric::Auroc,
        "For the conflict tests: against the labels of each rule",
    ),
];

/// Returns the accuracy in distribution.
pub(crate) fn validation(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        let cell = |group: &[&FinishedRun], read_out| {
            let accuracy = |run: &FinishedRun| {
                let measured = run.read_out(read_out)?;
                measured.validation.get(Metric::Accuracy).map(with_bounds)
            };
            estimate_text(runs, group, &accuracy, mean_sd_text)
        };
        rows.extend(rows_by_classifier(runs, train, train, &cell)?);
    }
    Ok(Table {
        name: "validation".into(),
        caption: validation_caption(runs),
        header: with_losses(&[training_set(runs), "classifier"], study),
        rows,
        source: Source::new("validation", &["train", "readout", "loss"]),
    })
}

/// Returns the reliance on shape and texture.
pub(crate) fn reliance(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut rows = Vec::new();
    for train in study.train_names() {
        for mode in MODES {
            for (name, endpoint) in [
                (mode.to_string(), reliance_on(mode)),
                (format!("{mode}, flipped"), Endpoint::from(Flipped { mode })),
            ] {
                let mode_rows = rows_by_classifier(runs, train, &name, &|group, read_out| {
                    let estimate = |run: &FinishedRun| {
                        let value = endpoint.value(run, read_out)?;
                        let intervals = run.read_out(read_out)?.mode(mode)?.intervals;
                        let interval = intervals.map(|i| match endpoint {
                            Endpoint::Flipped(_) => i.flipped,
                            _ => i.effect,
                        });
                        Some((value, interval))
                    };
                    estimate_text(runs, group, &estimate, |values| {
                        mean_interval_text(runs, values)
                    })
                })?;
                rows.extend(with_train(train, mode_rows));
            }
        }
        let share = Share { mode: Mode::Shape };
        let name = "shape, share";
        let share_rows = rows_by_classifier(runs, train, name, &|group, read_out| {
            let estimate = |run: &FinishedRun| Some((share.value(run, read_out)?, None));
            estimate_text(runs, group, &estimate, |values| {
                mean_interval_text(runs, values)
            })
        })?;
        rows.extend(with_train(train, share_rows));
    }
    Ok(Table {
        name: "reliance".into(),
        caption: format!(
            "Counterfactual reliance. Mean change of the decision score from the low to the high level of the mode of variation, in SD units (standard deviations of the decision score on {}); flipped: share of predictions that change; share: size of the effect of shape over the sum of the sizes of both effects. {}",
            validation_images(runs),
            reliance_note(runs)
        ),
        header: with_losses(
            &[training_set(runs), "mode of variation", "classifier"],
            study,
        ),
        rows,
        source: Source::new("reliance", &["train", "mode", "readout", "loss"]),
    })
}

/// Returns the rows with the training set in front.
fn with_train(train: &str, rows: Vec<Vec<String>>) -> impl Iterator<Item = Vec<String>> {
    rows.into_iter()
        .map(move |row| [vec![train.to_owned()], row].concat())
}

/// Returns one table per metric, of networks trained on `train`.
pub(crate) fn test_metrics(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let table = |(metric, note): (Metric, &str)| {
        let title = match metric {
            Metric::Accuracy => "Accuracy",
            _ => metric.title(),
        };
        let note = format!("{note}.");
        test_table(runs, train, (metric.name(), title, &note), &|measured| {
            measured.metrics.get(metric).map(with_bounds)
        })
    };
    let mut tables = TEST_METRICS
        .into_iter()
        .map(table)
        .collect::<Result<Vec<_>, _>>()?;
    let worst_group = (
        "worst_group_accuracy",
        "Worst-group accuracy",
        "The least accuracy of the combinations of label, shape and texture in a set.",
    );
    tables.push(test_table(runs, train, worst_group, &|measured| {
        Some((measured.worst_group()?.accuracy, None))
    })?);
    Ok(tables)
}

/// Value with its interval, if the table shows one.
type Value = Option<(f64, Option<Interval>)>;

/// Returns the table of one number, with its file name, title and note, on every test set.
fn test_table(
    runs: &Runs,
    train: &str,
    (name, title, note): (&str, &str, &str),
    estimate: &dyn Fn(&TestEvaluation) -> Value,
) -> Result<Table, Error> {
    let mut rows = Vec::new();
    for test in runs.tests() {
        let cell = |group: &[&FinishedRun], read_out| {
            let estimate = |run: &FinishedRun| estimate(run.read_out(read_out)?.test(test)?);
            estimate_text(runs, group, &estimate, mean_sd_text)
        };
        rows.extend(rows_by_classifier(runs, train, test, &cell)?);
    }
    Ok(Table {
        name: format!("{name}-{train}"),
        caption: format!(
            "{title} on each test set, {}. {} {note}",
            trained_on(runs, &format!("`{train}`")),
            metric_note(runs)
        ),
        header: with_losses(&["test set", "classifier"], runs.study),
        rows,
        source: Source::new("results", &["train", "test", "readout", "loss"]),
    })
}

fn with_bounds(estimate: Estimate) -> (f64, Option<Interval>) {
    let Estimate { value, low, high } = estimate;
    (value, Some(Interval { low, high }))
}

fn validation_caption(runs: &Runs) -> String {
    match runs.external {
        true => format!(
            "Accuracy on the validation images of the reference set. {} Comparisons of reliance are fair where two models are equally accurate here.",
            metric_note(runs)
        ),
        false => "Accuracy in distribution. On validation images of the training distribution; mean ± standard deviation over training seeds (n). Comparisons of reliance are fair where two losses are equally accurate here.".to_owned(),
    }
}

fn reliance_note(runs: &Runs) -> &'static str {
    match (runs.external, runs.study.seeds) {
        (true, 1) => {
            "In brackets: 95% interval over pairs (bootstrap; Wilson's interval for flipped)."
        }
        (true, _) => "Mean with its 95% bootstrap interval over the seeds of a model (n).",
        _ => "Mean with its 95% bootstrap interval over training seeds (n).",
    }
}
