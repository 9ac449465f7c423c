//! Every number of every run as CSV: one row per run, classifier and test, combination, mode, point or layer. An
//! undefined number is an empty field.

use nodule_analysis::dose_response::{Dose, dose_response};
use nodule_analysis::threshold_cost::{ThresholdCost, threshold_cost};
use nodule_eval::statistics::Interval;
use nodule_eval::{Metric, Metrics};
use nodule_study::csv::{Cell, Column, CsvFile};
use nodule_study::records::{
    CombinationEvaluation, FinishedRun, LayerDecodability, MapScores, ModeReliance,
    ProjectedEmbedding, Representation, SurfacePoint, TimelinePoint,
};
use nodule_synth::Mode;
use rayon::prelude::*;

use super::run_columns::{Row, csv_per_classifier, csv_per_run};
use crate::Error;

type Runs<'a> = [&'a FinishedRun];
type File = Result<CsvFile, Error>;

/// Returns all files. Those of external models end with the 95% intervals of each model over pairs, latents or images.
pub(crate) fn files(runs: &Runs, external: bool) -> Result<Vec<CsvFile>, Error> {
    let all: [fn(&Runs, bool) -> File; 13] = [
        results,
        validation,
        |runs, _| cells(runs),
        |runs, _| threshold(runs),
        reliance,
        flips,
        |runs, _| dose(runs),
        landscape,
        |runs, _| maps(runs),
        |runs, _| layers(runs),
        |runs, _| separation(runs),
        |runs, _| embedding(runs),
        |runs, _| timeline(runs),
    ];
    all.par_iter().map(|file| file(runs, external)).collect()
}

/// Metrics of a set of images.
struct TestMetrics<'a> {
    test: &'a str,
    metrics: &'a Metrics,
    worst_group: Option<f64>,
}

/// Names of the bounds of every metric, in the order of [`Metric::ALL`].
const BOUNDS: [[&str; 2]; Metric::ALL.len()] = [
    ["accuracy_low", "accuracy_high"],
    ["sensitivity_low", "sensitivity_high"],
    ["specificity_low", "specificity_high"],
    ["balanced_accuracy_low", "balanced_accuracy_high"],
    ["auroc_low", "auroc_high"],
];

/// Returns columns of the ends of intervals, which only external models have; `end` returns end `i`.
fn end_columns<R>(
    external: bool,
    names: &[&'static str],
    end: fn(&R, usize) -> Cell,
) -> impl Iterator<Item = Column<R>> {
    let names = names.iter().filter(move |_| external).enumerate();
    names.map(move |(i, name)| Column::nth(name, i, end))
}

/// Returns the ends of two intervals, in the order of their columns.
fn list_ends([first, second]: [Interval; 2]) -> [f64; 4] {
    [first.low, first.high, second.low, second.high]
}

type MetricColumn<'a> = Column<Row<'a, TestMetrics<'a>>>;

/// Returns the columns of n and of every metric.
fn metric_columns<'a>() -> impl Iterator<Item = MetricColumn<'a>> {
    let n = Column::new("n", |row: &Row<TestMetrics>| row.record.metrics.n.into());
    let metrics = Metric::ALL.into_iter().enumerate().map(|(i, metric)| {
        Column::nth(metric.name(), i, |row: &Row<TestMetrics>, i| {
            row.record.metrics.value(Metric::ALL[i]).into()
        })
    });
    [n].into_iter().chain(metrics)
}

/// Returns the columns of the ends of every metric's interval, which only external models have.
fn bound_columns<'a>(external: bool) -> impl Iterator<Item = MetricColumn<'a>> {
    end_columns(
        external,
        BOUNDS.as_flattened(),
        |row: &Row<TestMetrics>, i| {
            let estimate = row.record.metrics.get(Metric::ALL[i / 2]);
            estimate.map(|e| [e.low, e.high][i % 2]).into()
        },
    )
}

fn results(runs: &Runs, external: bool) -> File {
    let test = Column::new("test", |row: &Row<TestMetrics>| row.record.test.into());
    let worst_group = Column::new("worst_group_accuracy", |row: &Row<TestMetrics>| {
        row.record.worst_group.into()
    });
    let columns = [test]
        .into_iter()
        .chain(metric_columns())
        .chain([worst_group])
        .chain(bound_columns(external));
    csv_per_classifier("results", runs, columns, |r| {
        r.tests.iter().map(|t| TestMetrics {
            test: &t.test,
            metrics: &t.metrics,
            worst_group: t.worst_group().map(|worst| worst.accuracy),
        })
    })
}

/// Metrics on validation images of the training distribution.
fn validation(runs: &Runs, external: bool) -> File {
    let columns = metric_columns().chain(bound_columns(external));
    csv_per_classifier("validation", runs, columns, |r| {
        [TestMetrics {
            test: "",
            metrics: &r.validation,
            worst_group: None,
        }]
    })
}

fn cells(runs: &Runs) -> File {
    type CellRow<'a> = Row<'a, (&'a str, &'a CombinationEvaluation)>;
    let columns = [
        Column::new("test", |row: &CellRow| row.record.0.into()),
        Column::new("label", |row| row.record.1.label.into()),
        Column::new("shape", |row| row.record.1.shape.to_string().into()),
        Column::new("texture", |row| row.record.1.texture.to_string().into()),
        Column::new("n", |row| row.record.1.n.into()),
        Column::new("accuracy", |row| row.record.1.accuracy.into()),
        Column::new("mean_score", |row| row.record.1.mean_score.into()),
        Column::new("ceiling", |row| row.record.1.ideal_observer.into()),
    ];
    csv_per_classifier("cells", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.flat_map(|t| t.combinations.iter().map(|cell| (t.test.as_str(), cell)))
    })
}

fn threshold(runs: &Runs) -> File {
    type TestRow<'a> = Row<'a, (&'a str, ThresholdCost)>;
    let columns = [
        Column::new("test", |row: &TestRow| row.record.0.into()),
        Column::new("auroc_lost", |row| row.record.1.auroc.into()),
        Column::new("balanced_accuracy_lost", |row| {
            row.record.1.balanced_accuracy.into()
        }),
        Column::new("lost_by_ranking", |row| row.record.1.by_ranking.into()),
        Column::new("lost_by_threshold", |row| row.record.1.by_threshold.into()),
        Column::new("best_threshold", |row| row.record.1.best_threshold.into()),
        Column::new("validation_best_threshold", |row| {
            row.record.1.validation_best_threshold.into()
        }),
    ];
    csv_per_classifier("threshold", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.filter_map(|t| Some((t.test.as_str(), threshold_cost(r, t)?)))
    })
}

type ModeRow<'a> = Row<'a, &'a ModeReliance>;

fn reliance(runs: &Runs, external: bool) -> File {
    let columns = [
        Column::new("mode", |row: &ModeRow| row.record.mode.to_string().into()),
        Column::new("effect", |row| row.record.effect.into()),
        Column::new("flipped", |row| row.record.flipped.into()),
    ];
    let names = ["effect_low", "effect_high", "flipped_low", "flipped_high"];
    let ends = end_columns(external, &names, |row: &ModeRow, i| {
        let ends = row
            .record
            .intervals
            .map(|all| list_ends([all.effect, all.flipped]));
        ends.map(|ends| ends[i]).into()
    });
    let columns = columns.into_iter().chain(ends);
    csv_per_classifier("reliance", runs, columns, |r| &r.reliance)
}

fn flips(runs: &Runs, external: bool) -> File {
    let columns = [
        Column::new("mode", |row: &ModeRow| row.record.mode.to_string().into()),
        Column::new("became_abnormal", |row| row.record.raised.into()),
        Column::new("became_normal", |row| {
            (row.record.flipped - row.record.raised).into()
        }),
    ];
    let names = [
        "became_abnormal_low",
        "became_abnormal_high",
        "became_normal_low",
        "became_normal_high",
    ];
    let ends = end_columns(external, &names, |row: &ModeRow, i| {
        let intervals = row.record.intervals;
        let ends = intervals.map(|all| list_ends([all.became_abnormal, all.became_normal]));
        ends.map(|ends| ends[i]).into()
    });
    let columns = columns.into_iter().chain(ends);
    csv_per_classifier("flips", runs, columns, |r| &r.reliance)
}

fn dose(runs: &Runs) -> File {
    type Level = fn(&SurfacePoint) -> f64;
    let modes: [(Mode, Level); 2] = [(Mode::Shape, |p| p.shape), (Mode::Texture, |p| p.texture)];
    type DoseRow<'a> = Row<'a, (Mode, Dose)>;
    let columns = [
        Column::new("mode", |row: &DoseRow| row.record.0.to_string().into()),
        Column::new("level", |row| row.record.1.level.into()),
        Column::new("effect", |row| row.record.1.effect.into()),
        Column::new("abnormal", |row| row.record.1.abnormal.into()),
    ];
    csv_per_classifier("dose", runs, columns, |r| {
        modes.into_iter().flat_map(|(mode, level)| {
            let doses = dose_response(&r.decision_surface, level).into_iter();
            doses.map(move |dose| (mode, dose))
        })
    })
}

fn landscape(runs: &Runs, external: bool) -> File {
    type PointRow<'a> = Row<'a, &'a SurfacePoint>;
    let columns = [
        Column::new("shape", |row: &PointRow| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("score", |row| row.record.score.into()),
        Column::new("abnormal", |row| row.record.abnormal.into()),
    ];
    let names = ["score_low", "score_high", "abnormal_low", "abnormal_high"];
    let ends = end_columns(external, &names, |row: &PointRow, i| {
        let ends = row
            .record
            .intervals
            .map(|all| list_ends([all.score, all.abnormal]));
        ends.map(|ends| ends[i]).into()
    });
    let columns = columns.into_iter().chain(ends);
    csv_per_classifier("landscape", runs, columns, |r| &r.decision_surface)
}

fn maps(runs: &Runs) -> File {
    type MapRow<'a> = Row<'a, &'a MapScores>;
    let columns = [
        Column::new("method", |row: &MapRow| {
            row.record.method.to_string().into()
        }),
        Column::new("n", |row| row.record.n.into()),
        Column::new("blank", |row| row.record.blank.into()),
        Column::new("contour", |row| row.record.contour.into()),
        Column::new("interior", |row| row.record.interior.into()),
        Column::new("background", |row| row.record.background.into()),
        Column::new("pointing", |row| row.record.pointing_game.into()),
        Column::new("deletion", |row| row.record.deletion.into()),
        Column::new("insertion", |row| row.record.insertion.into()),
        Column::new("completeness_gap", |row| row.record.completeness_gap.into()),
    ];
    csv_per_classifier("maps", runs, columns, |r| &r.maps)
}

fn layers(runs: &Runs) -> File {
    type LayerRow<'a> = Row<'a, &'a LayerDecodability>;
    let columns = [
        Column::new("layer", |row: &LayerRow| (&row.record.layer).into()),
        Column::new("shape", |row| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("untrained_shape", |row| row.record.untrained_shape.into()),
        Column::new("untrained_texture", |row| {
            row.record.untrained_texture.into()
        }),
    ];
    csv_per_run("layers", runs, columns, |run| {
        run.evaluation.representation.iter().flat_map(|r| &r.layers)
    })
}

fn separation(runs: &Runs) -> File {
    type NetworkRow<'a> = Row<'a, &'a Representation>;
    let columns = [
        Column::new("silhouette", |row: &NetworkRow| {
            row.record.silhouette.into()
        }),
        Column::new("collapse", |row| row.record.nc1.into()),
        Column::new("decided_shape", |row| {
            row.record.decision_auroc.and_then(|d| d[0]).into()
        }),
        Column::new("decided_texture", |row| {
            row.record.decision_auroc.and_then(|d| d[1]).into()
        }),
    ];
    csv_per_run("separation", runs, columns, |run| {
        &run.evaluation.representation
    })
}

fn embedding(runs: &Runs) -> File {
    type PointRow<'a> = Row<'a, &'a ProjectedEmbedding>;
    let columns = [
        Column::new("shape", |row: &PointRow| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("x", |row| row.record.x.into()),
        Column::new("y", |row| row.record.y.into()),
    ];
    csv_per_run("embedding", runs, columns, |run| {
        let measured = run.evaluation.representation.iter();
        measured.flat_map(|r| &r.projection)
    })
}

fn timeline(runs: &Runs) -> File {
    let columns = [
        Column::new("epoch", |row: &Row<&TimelinePoint>| row.record.epoch.into()),
        Column::new("validation_accuracy", |row| {
            row.record.validation_accuracy.into()
        }),
        Column::new("validation_loss", |row| row.record.validation_loss.into()),
        Column::new("shape", |row| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("shape_decoded", |row| row.record.shape_decoded.into()),
        Column::new("texture_decoded", |row| row.record.texture_decoded.into()),
        Column::new("shape_only", |row| row.record.shape_only.into()),
        Column::new("texture_only", |row| row.record.texture_only.into()),
    ];
    csv_per_run("timeline", runs, columns, |run| &run.evaluation.timeline)
}
